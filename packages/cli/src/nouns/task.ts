// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { taskExec } from "../commands/task/exec.ts";
import { noun } from "./noun.ts";

/** `mayfly task …`. */
export function taskNoun(): Command {
  return noun("task", ["tasks of AI agents", "mayfly task exec --ticket-file ticket -- ./agent"], [taskExec()]);
}
