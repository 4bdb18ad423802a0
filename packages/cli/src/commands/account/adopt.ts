// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { usageFailure } from "../../failure.ts";
import { instantText } from "../../instants.ts";
import { printJson, printLine } from "../../output.ts";
import { duration, instant } from "../../values.ts";
import { endOf } from "../agent-profile/fields.ts";
import { operatorCommand } from "../operator-command.ts";
import { accountName, type NamedAccount } from "./account-name.ts";
import { accountJson } from "./print.ts";

interface AdoptOptions {
  readonly owner: string;
  readonly expiresIn?: number;
  readonly expiresAt?: number;
  readonly reason?: string;
}

/** `mayfly account adopt`: from now on somebody answers for an account that no lease explains. */
export function accountAdopt(): Command {
  const command = new Command("adopt")
    .description("make an operator answer for an account that no lease explains, up to an end")
    .argument("<account>", "target/account", accountName)
    .requiredOption("--owner <operator>", "who answers for it")
    .option("--expires-in <duration>", "when it is to be gone, from now; a year at most", duration)
    .option("--expires-at <time>", "the same as a time", instant)
    .option("--reason <text>", "why, for the record");
  const example =
    "mayfly account adopt orders/billing_app --owner dana --expires-in 2160h --reason 'moves to leases in spring'";
  return operatorCommand<AdoptOptions>(command, example, async (server, { options, format, argument }) => {
    const expires = endOf(options);
    if (expires === undefined) throw usageFailure("missing: --expires-in or --expires-at");
    const request = { ...(argument as NamedAccount), owner: options.owner, expires_at_ms: expires };
    const adopted = await server.call("accounts", "AdoptAccount", { ...request, why: options.reason ?? "" });
    if (format === "json") return printJson(accountJson(adopted));
    const { target, account, owner, expires_at_ms: end } = adopted;
    printLine(`${owner} answers for ${target}/${account}, which ends ${instantText(end)}`);
  });
}
