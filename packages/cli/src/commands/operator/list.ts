// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { OperatorMessage } from "@mayfly/rpc";
import type { ServerConnection } from "../../connection.ts";
import { printJson, printTable } from "../../output.ts";
import { operatorCommand } from "../operator-command.ts";
import { allItems } from "../pages.ts";
import { operatorJson, rolesText } from "./print.ts";

/** Every operator. */
export async function allOperators(server: ServerConnection): Promise<OperatorMessage[]> {
  return await allItems(
    (page) => server.call("profiles", "ListOperators", page),
    (page) => page.operators,
  );
}

/** `mayfly operator list`. */
export function operatorList(): Command {
  const command = new Command("list").description("list the people who may act on tasks");
  return operatorCommand(command, "mayfly operator list", async (server, { format }) => {
    const operators = await allOperators(server);
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
