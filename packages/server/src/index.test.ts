// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import * as server from "./index.ts";

it("exports what cli's run commands call, and no more", () => {
  expect(Object.keys(server).toSorted()).toEqual([
    "ServerStateError",
    "describeServerConfig",
    "parseServerConfig",
    "startServer",
  ]);
});
