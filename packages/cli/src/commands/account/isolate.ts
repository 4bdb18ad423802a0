// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { operatorCommand } from "../operator-command.ts";
import { accountName, type NamedAccount } from "./account-name.ts";
import { answered, printOrdered } from "./await-order.ts";

interface IsolateOptions {
  readonly reason: string;
}

/** `mayfly account isolate`: nobody logs in to it any more, and its sessions are cut; what it owns stays. */
export function accountIsolate(): Command {
  const command = new Command("isolate")
    .description("let nobody log in to an account any more, and cut its sessions; what it owns stays")
    .argument("<account>", "target/account", accountName)
    .requiredOption("--reason <text>", "why, for the record");
  const example = "mayfly account isolate orders/billing_app --reason 'moved to leases'";
  return operatorCommand<IsolateOptions>(command, example, async (server, { options, format, argument, signal }) => {
    const request = { ...(argument as NamedAccount), order: "isolate", verifier: "", why: options.reason };
    const ordered = await server.call("accounts", "OrderAccount", request);
    printOrdered(await answered(server, ordered, signal), { format, done: "is closed: no login, no session" });
  });
}
