// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { GetTaskResponse, TaskMessage } from "@mayfly/rpc";
import type { ServerConnection } from "../../connection.ts";
import { CliFailure } from "../../failure.ts";
import { printJson, printLine } from "../../output.ts";
import { operatorCommand } from "../operator-command.ts";
import { grantJson, printGrants, printTask, stateText, taskJson } from "./print.ts";

/** A task with what is below it. */
export interface FoundTask extends GetTaskResponse {
  readonly task: TaskMessage;
}

/** One task. @throws {CliFailure} */
export async function findTask(server: ServerConnection, id: string): Promise<FoundTask> {
  const found = await server.call("tasks", "GetTask", { id });
  if (found.task === null) throw new CliFailure("BAD_ANSWER", "the server answered without a task");
  return { ...found, task: found.task };
}

/** Stable JSON form of a task with its subtree and what that holds. */
export function foundJson(found: FoundTask): Record<string, unknown> {
  const { task, descendants, grants, descendants_left_out, grants_left_out } = found;
  return {
    task: taskJson(task),
    descendants: descendants.map(taskJson),
    grants: grants.map(grantJson),
    ...(descendants_left_out > 0 && { descendants_left_out }),
    ...(grants_left_out > 0 && { grants_left_out }),
  };
}

function printLeftOut(count: number, what: string): void {
  if (count > 0) printLine(`… and ${String(count)} more ${what}: the answer had no room for them`);
}

/** `mayfly task show`. */
export function taskShow(): Command {
  const command = new Command("show")
    .description("print a task, the tasks below it and what they hold")
    .argument("<task-id>", "id of the task");
  const example = "mayfly task show t-qx3mzv5k2j7ahwbn";
  return operatorCommand(command, example, async (server, { format, argument }) => {
    const found = await findTask(server, String(argument));
    if (format === "json") return printJson(foundJson(found));
    printTask(found.task);
    if (found.descendants.length > 0) printLine("");
    for (const each of found.descendants)
      printLine(`${"  ".repeat(each.depth - found.task.depth)}${each.id}  ${each.agent}  ${stateText(each)}`);
    printLeftOut(found.descendants_left_out, "tasks below it");
    if (found.grants.length === 0) return;
    printLine("");
    printGrants(found.grants);
    printLeftOut(found.grants_left_out, "grants, which are gone");
  });
}
