// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import * as agent from "./index.ts";

it("exports what cli's run commands need", () => {
  expect(Object.keys(agent).toSorted()).toEqual([
    "AgentError",
    "describeAgentConfig",
    "parseAgentConfig",
    "startAgent",
  ]);
});
