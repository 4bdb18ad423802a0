// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { CliFailure } from "../../failure.ts";
import { printJson, printLine } from "../../output.ts";
import { operatorCommand } from "../operator-command.ts";
import { foundJson } from "./show.ts";

/** What can be done to a task and taken back. */
export interface TaskChange {
  readonly verb: "suspend" | "resume";
  readonly method: "SuspendTask" | "ResumeTask";
  readonly description: string;
}

/** Both of them. */
export const taskChanges: readonly TaskChange[] = [
  {
    verb: "suspend",
    method: "SuspendTask",
    description: "refuse a task and all below it everything, until it is resumed",
  },
  { verb: "resume", method: "ResumeTask", description: "let a suspended task and all below it go on" },
];

interface ChangeOptions {
  readonly reason?: string;
}

/** `mayfly task suspend|resume`. */
export function taskChange({ verb, method, description }: TaskChange): Command {
  const command = new Command(verb)
    .description(description)
    .argument("<task-id>", "id of the task")
    .option("--reason <text>", "why, for the record");
  const example = `mayfly task ${verb} t-qx3mzv5k2j7ahwbn --reason odd-calls`;
  return operatorCommand<ChangeOptions>(command, example, async (server, { options, format, argument }) => {
    const changed = await server.call("tasks", method, { id: String(argument), why: options.reason ?? "" });
    const { task } = changed;
    if (task === null) throw new CliFailure("BAD_ANSWER", "the server answered without a task");
    if (format === "json") return printJson(foundJson({ ...changed, task }));
    const below = changed.descendants.filter(({ state }) => state === task.state).length;
    printLine(`${task.id} is ${task.state}${below === 0 ? "" : `, with ${String(below)} below it`}`);
  });
}
