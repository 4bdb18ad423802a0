// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { gatewayRun } from "../run/gateway.ts";
import { noun } from "./noun.ts";

/** `mayfly gateway …`. */
export function gatewayNoun(): Command {
  return noun(
    "gateway",
    ["the enforcement point between agents and tools", "mayfly gateway run --config gateway.yaml"],
    [gatewayRun()],
  );
}
