// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { printJson, printTable } from "../../output.ts";
import { operatorCommand } from "../operator-command.ts";
import { operatorJson, rolesText } from "./print.ts";

/** `mayfly operator list`. */
export function operatorList(): Command {
  const command = new Command("list").description("list the people who may act on tasks");
  return operatorCommand(command, "mayfly operator list", async (server, { format }) => {
    const { operators } = await server.call("profiles", "ListOperators", {});
    if (format === "json") return printJson({ operators: operators.map(operatorJson) });
    printTable(
      ["NAME", "STATE", "ROLES", "KEYS", "SPIFFE IDS"],
      operators.map((each) => [
        each.name,
        each.state,
        rolesText(each),
        String(each.keys.length),
        each.spiffe_ids.join(" "),
      ]),
    );
  });
}
