// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { Command } from "commander";
import { assertWritable, writeOne } from "../../files.ts";
import { operatorCommand } from "../operator-command.ts";
import { accountName, type NamedAccount } from "./account-name.ts";
import { printAnswered } from "./await-order.ts";
import { scramVerifier } from "./scram-verifier.ts";

interface RotateOptions {
  readonly passwordFile: string;
  readonly reason?: string;
}

/** `mayfly account rotate`: the new password is made here and written here; server and broker get what the back-end stores for it. */
export function accountRotate(): Command {
  const command = new Command("rotate")
    .description("give an account a new password and cut the sessions of the old one")
    .argument("<account>", "target/account", accountName)
    .requiredOption("--password-file <file>", "write the new password there, mode 0600, before the account has it")
    .option("--reason <text>", "why, for the record");
  const example = "mayfly account rotate orders/billing_app --password-file billing.password";
  return operatorCommand<RotateOptions>(command, example, async (server, { options, format, argument, signal }) => {
    const { passwordFile, reason: why = "" } = options;
    assertWritable(passwordFile);
    const password = randomBytes(32).toString("base64url");
    writeOne(passwordFile, `${password}\n`, "secret");
    const request = { ...(argument as NamedAccount), order: "rotate", verifier: scramVerifier(password), why };
    const ordered = await server.call("accounts", "OrderAccount", request);
    await printAnswered(server, ordered, { format, signal, done: `has the password in ${passwordFile}` });
  });
}
