// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import * as gateway from "./index.ts";

it("exports these values and no others", () => {
  expect(Object.keys(gateway).toSorted()).toEqual([
    "GatewayError",
    "describeGatewayConfig",
    "parseGatewayConfig",
    "startGateway",
  ]);
});
