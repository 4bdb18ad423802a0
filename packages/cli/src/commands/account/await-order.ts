// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { AccountMessage } from "@mayfly/rpc";
import type { ServerConnection } from "../../connection.ts";
import { CliFailure } from "../../failure.ts";
import { type OutputFormat, printJson, printLine } from "../../output.ts";
import { allAccounts } from "./list.ts";
import { accountJson } from "./print.ts";

const patienceMs = 20_000;
const paceMs = 500;

/** Follows an order until the broker answered, for some seconds at most: then it still waits. @throws {CliFailure} ORDER_FAILED, NOT_FOUND */
export async function answered(
  server: ServerConnection,
  ordered: AccountMessage,
  signal: AbortSignal,
): Promise<AccountMessage> {
  const { target, account } = ordered;
  const end = performance.now() + patienceMs;
  for (let now = ordered; ; ) {
    if (now.order_problem !== "")
      throw new CliFailure("ORDER_FAILED", `${target}/${account}: ${now.order_problem}`, {
        hint: "its broker tries again by itself; mayfly account list tells what it said last",
      });
    if (now.order === "" || performance.now() > end) return now;
    await sleep(paceMs, undefined, { signal });
    const found = (await allAccounts(server, target)).find((each) => each.account === account);
    if (found === undefined) throw new CliFailure("NOT_FOUND", `${target}/${account} is not there any more`);
    now = found;
  }
}

/** Prints what came of an order; `more` goes into the JSON form only. */
export function printOrdered(
  account: AccountMessage,
  { format, done, waits = "" }: { readonly format: OutputFormat; readonly done: string; readonly waits?: string },
  more: Readonly<Record<string, unknown>> = {},
): void {
  if (format === "json") return printJson({ ...accountJson(account), ...more });
  const waiting = `is ordered; its broker did not answer yet: mayfly account list shows when it does${waits}`;
  printLine(`${account.target}/${account.account} ${account.order === "" ? done : waiting}`);
}
