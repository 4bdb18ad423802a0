// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { tokenCreate } from "../commands/token/create.ts";
import { noun } from "./noun.ts";

/** `mayfly token …`. */
export function tokenNoun(): Command {
  return noun("token", ["join tokens and enrolment strings", "mayfly token create --enrolment"], [tokenCreate()]);
}
