// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { AccountMessage } from "@mayfly/rpc";
import type { ServerConnection } from "../../connection.ts";
import { printJson } from "../../output.ts";
import { operatorCommand } from "../operator-command.ts";
import { allItems } from "../pages.ts";
import { accountJson, printAccounts } from "./print.ts";

/** Every account that no lease explains; of one target, or of all. */
export async function allAccounts(server: ServerConnection, target = ""): Promise<AccountMessage[]> {
  return await allItems(
    (page) => server.call("accounts", "ListAccounts", { target, ...page }),
    (page) => page.accounts,
  );
}

interface ListOptions {
  readonly target?: string;
}

/** `mayfly account list`. */
export function accountList(): Command {
  const command = new Command("list")
    .description("list accounts that no lease explains: who answers for them, their age, and what is wrong")
    .option("--target <name>", "at this back-end");
  const example = "mayfly account list --target orders";
  return operatorCommand<ListOptions>(command, example, async (server, { options, format }) => {
    const accounts = await allAccounts(server, options.target);
    if (format === "json") printJson({ accounts: accounts.map(accountJson) });
    else printAccounts(accounts);
  });
}
