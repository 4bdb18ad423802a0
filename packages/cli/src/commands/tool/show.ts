// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { printJson } from "../../output.ts";
import { operatorCommand } from "../operator-command.ts";
import { findTool } from "./find-tool.ts";
import { foundToolJson, printTool } from "./print.ts";

/** `mayfly tool show`. */
export function toolShow(): Command {
  const command = new Command("show")
    .description("print a tool's trusted definition, the one that was seen last, and what changed")
    .argument("<tool>", "server/tool");
  return operatorCommand(command, "mayfly tool show orders/orders.query", async (server, { format, argument }) => {
    const found = await findTool(server, String(argument));
    if (format === "json") printJson(foundToolJson(found));
    else printTool(found);
  });
}
