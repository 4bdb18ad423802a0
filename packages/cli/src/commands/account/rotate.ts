// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { renameSync } from "node:fs";
import { Command } from "commander";
import type { AccountMessage } from "@mayfly/rpc";
import type { ServerConnection } from "../../connection.ts";
import { assertWritable, writeOne } from "../../files.ts";
import { operatorCommand } from "../operator-command.ts";
import { accountName, type NamedAccount } from "./account-name.ts";
import { answered, printOrdered } from "./await-order.ts";
import { scramVerifier } from "./scram-verifier.ts";

interface RotateOptions {
  readonly passwordFile: string;
  readonly reason?: string;
}

/** The new password is in a file of its own before anybody is asked to set it: none is lost, whatever comes between. */
async function order(
  server: ServerConnection,
  named: NamedAccount,
  { fresh, why }: { readonly fresh: string; readonly why: string },
): Promise<AccountMessage> {
  const password = randomBytes(32).toString("base64url");
  writeOne(fresh, `${password}\n`, "secret");
  const request = { ...named, order: "rotate", verifier: scramVerifier(password), why };
  return await server.call("accounts", "OrderAccount", request);
}

/** `mayfly account rotate`: the new password is made here and written here; server and broker get what the back-end stores for it. */
export function accountRotate(): Command {
  const command = new Command("rotate")
    .description("give an account a new password and cut the sessions of the old one")
    .argument("<account>", "target/account", accountName)
    .requiredOption(
      "--password-file <file>",
      "where the password is, mode 0600; up to the broker's answer it is in <file>.new",
    )
    .option("--reason <text>", "why, for the record");
  const example = "mayfly account rotate orders/billing_app --password-file billing.password";
  return operatorCommand<RotateOptions>(command, example, async (server, { options, format, argument, signal }) => {
    const { passwordFile: file, reason: why = "" } = options;
    assertWritable(file);
    const fresh = `${file}.new`;
    const ordered = await order(server, argument as NamedAccount, { fresh, why });
    const account = await answered(server, ordered, signal);
    const isDone = account.order === "";
    if (isDone) renameSync(fresh, file);
    const texts = { done: `has the password in ${file}`, waits: `; the new password is in ${fresh}` };
    printOrdered(account, { format, ...texts }, { password_file: isDone ? file : fresh });
  });
}
