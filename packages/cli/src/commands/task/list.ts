// SPDX-License-Identifier: Apache-2.0
import { Command, Option } from "commander";
import type { TaskMessage } from "@mayfly/rpc";
import type { ServerConnection } from "../../connection.ts";
import { instantText } from "../../instants.ts";
import { printJson, printTable } from "../../output.ts";
import { operatorCommand } from "../operator-command.ts";
import { allItems } from "../pages.ts";
import { stateText, taskJson } from "./print.ts";

interface TaskFilter {
  readonly agent?: string;
  readonly owner?: string;
  readonly state?: string;
}

/** Every task that fits the filter, read page by page. */
export async function allTasks(server: ServerConnection, filter: TaskFilter): Promise<TaskMessage[]> {
  const { agent = "", owner = "", state = "" } = filter;
  return await allItems(
    (page) => server.call("tasks", "ListTasks", { agent, owner, state, ...page }),
    (page) => page.tasks,
  );
}

/** `mayfly task list`. */
export function taskList(): Command {
  const states = ["proposed", "active", "suspended", "ending", "ended"];
  const command = new Command("list")
    .description("list tasks")
    .option("--agent <name>", "of this agent")
    .option("--owner <operator>", "of this owner")
    .addOption(new Option("--state <state>", "in this state").choices(states));
  return operatorCommand<TaskFilter>(
    command,
    "mayfly task list --state active",
    async (server, { options, format }) => {
      const tasks = await allTasks(server, options);
      if (format === "json") return printJson({ tasks: tasks.map(taskJson) });
      printTable(
        ["TASK", "AGENT", "OWNER", "TIER", "STATE", "ENDS", "PARENT"],
        tasks.map((task) => [
          task.id,
          task.agent,
          task.owner,
          task.tier,
          stateText(task),
          instantText(task.not_after_ms),
          task.parent_id,
        ]),
      );
    },
  );
}
