// SPDX-License-Identifier: Apache-2.0
import { assertAnswered } from "../beats/refusal.ts";
import type { Bot } from "../world/bot.ts";

/** The gateway's statement of a call that a careless tool server lets its caller see in the answer. */
export async function leakedStatement(bot: Bot, call: Readonly<Record<string, unknown>>): Promise<string> {
  return statementIn(assertAnswered(await bot.ask({ do: "call", ...call })));
}

/** The statement in what a careless tool server says, which is JSON. @throws when there is none */
export function statementIn(text: string): string {
  const { meta } = JSON.parse(text) as { readonly meta?: Readonly<Record<string, unknown>> };
  const statement = meta?.["mayfly/statement"];
  if (typeof statement !== "string") throw new Error("the tool server let no statement out");
  return statement;
}
