// SPDX-License-Identifier: Apache-2.0
import { Command, Option } from "commander";
import { instantText } from "../../instants.ts";
import { printJson, printTable } from "../../output.ts";
import { operatorCommand } from "../operator-command.ts";
import { allItems } from "../pages.ts";
import { toolJson } from "./print.ts";

interface ListOptions {
  readonly state?: string;
}

/** `mayfly tool list`. */
export function toolList(): Command {
  const command = new Command("list")
    .description("list tools as gateways see them, and which are refused because their definition changed")
    .addOption(new Option("--state <state>", "in this state").choices(["pinned", "quarantined"]));
  const example = "mayfly tool list --state quarantined";
  return operatorCommand<ListOptions>(command, example, async (server, { options: { state = "" }, format }) => {
    const tools = await allItems(
      (page) => server.call("approvals", "ListTools", { state, ...page }),
      (page) => page.tools,
    );
    if (format === "json") return printJson({ tools: tools.map(toolJson) });
    printTable(
      ["TOOL", "STATE", "PINNED BY", "PINNED", "SEEN"],
      tools.map((each) => [
        `${each.server}/${each.tool}`,
        each.state,
        each.pinned_by,
        instantText(each.pinned_at_ms),
        instantText(each.seen_at_ms),
      ]),
    );
  });
}
