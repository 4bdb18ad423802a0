// SPDX-License-Identifier: Apache-2.0
import { resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "@mayfly/registration";

/** An absolute path; `-`, standard input, stays. */
export function pathText(text: string): string {
  return text === "-" ? text : resolve(text);
}

/** A duration that stays text: the configuration's parser reads it, as it does the file's. */
function durationText(text: string): string {
  if (parseDuration(text) === undefined)
    throw new InvalidArgumentError(`${JSON.stringify(text)} is not a duration such as 90s, 5m or 24h`);
  return text;
}

/** Adds an option that takes a duration. */
export function withDuration(command: Command, flag: string, description: string): Command {
  return command.option(`${flag} <duration>`, description, durationText);
}

/** Adds `--log-level` and `--log-format`. */
export function withLogging(command: Command): Command {
  return command
    .addOption(new Option("--log-level <level>", "what is logged").choices(["debug", "info", "warn", "error"]))
    .addOption(new Option("--log-format <format>", "how it is logged, on stderr").choices(["text", "json"]));
}

/** Refuses the options with which other tools take secrets from argv, where every user of the machine can read them. */
export function withoutSecrets(command: Command): Command {
  for (const [name, instead] of Object.entries({ "join-token": "--join-token-file", token: "--join-token-file" })) {
    const option = new Option(`--${name} <secret>`).hideHelp().argParser((): never => {
      throw new InvalidArgumentError(
        `a secret in argv can be read by every user of this machine; write it to a file and give ${instead}`,
      );
    });
    command.addOption(option);
  }
  return command;
}
