// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { printJson, printLine } from "../../output.ts";
import { operatorCommand } from "../operator-command.ts";
import { profileJson } from "./print.ts";

/** A change of a profile's state; all tasks of the agent follow. */
export interface ProfileChange {
  readonly verb: "suspend" | "resume" | "retire";
  readonly description: string;
}

/** All three. */
export const profileChanges: readonly ProfileChange[] = [
  { verb: "suspend", description: "suspend an agent and all of its tasks" },
  { verb: "resume", description: "let a suspended agent go on" },
  { verb: "retire", description: "end an agent for ever, and all of its tasks" },
];

interface ChangeOptions {
  readonly reason?: string;
}

/** `mayfly agent-profile suspend|resume|retire`. */
export function profileChange({ verb, description }: ProfileChange): Command {
  const command = new Command(verb)
    .description(description)
    .argument("<name>", "the agent")
    .option("--reason <text>", "why, for the record");
  const example = `mayfly agent-profile ${verb} ops/refunds`;
  return operatorCommand<ChangeOptions>(command, example, async (server, { options, format, argument }) => {
    const request = { name: String(argument), change: verb, why: options.reason ?? "" };
    const profile = await server.call("profiles", "ChangeProfile", request);
    if (format === "json") printJson(profileJson(profile));
    else printLine(`${profile.name} is ${profile.state}`);
  });
}
