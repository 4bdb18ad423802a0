// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { killCommand, killTargets } from "../commands/kill/kill.ts";
import { noun } from "./noun.ts";

/** `mayfly kill …`. */
export function killNoun(): Command {
  return noun(
    "kill",
    [
      "end whatever stands on a task, an agent, a node or an identity, at once",
      "mayfly kill agent ops/refunds --reason rogue",
    ],
    killTargets.map(killCommand),
  );
}
