// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { withExample } from "../commands/command.ts";

/** A command that does nothing itself but has verbs. */
export function noun(
  name: string,
  about: readonly [description: string, example: string],
  verbs: readonly Command[],
): Command {
  const command = withExample(new Command(name).description(about[0]), about[1]);
  for (const verb of verbs) command.addCommand(verb);
  return command;
}
