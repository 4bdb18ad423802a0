// SPDX-License-Identifier: Apache-2.0
import { Command, Option } from "commander";
import { instantText } from "../../instants.ts";
import { printJson, printTable } from "../../output.ts";
import { operatorCommand } from "../operator-command.ts";
import { allItems } from "../pages.ts";
import { approvalJson } from "./print.ts";

interface ListOptions {
  readonly state?: string;
  readonly task?: string;
}

/** `mayfly approval list`. */
export function approvalList(): Command {
  const states = ["pending", "approved", "denied", "consumed", "expired", "void"];
  const command = new Command("list")
    .description("list calls that wait for people, or did")
    .addOption(new Option("--state <state>", "in this state").choices(states))
    .option("--task <task-id>", "of this task");
  const example = "mayfly approval list --state pending";
  return operatorCommand<ListOptions>(command, example, async (server, { options, format }) => {
    const { state = "", task = "" } = options;
    const approvals = await allItems(
      (page) => server.call("approvals", "ListApprovals", { state, task_id: task, ...page }),
      (page) => page.approvals,
    );
    if (format === "json") return printJson({ approvals: approvals.map(approvalJson) });
    printTable(
      ["APPROVAL", "STATE", "TOOL", "ARGUMENTS", "TASK", "ENDS"],
      approvals.map((each) => [
        each.id,
        each.state,
        `${each.server}/${each.tool}`,
        each.arguments_json,
        each.task_id,
        instantText(each.not_after_ms),
      ]),
    );
  });
}
