// SPDX-License-Identifier: Apache-2.0
import { ok } from "node:assert/strict";
import { assertAnswered } from "../beats/refusal.ts";
import type { Bot } from "../world/bot.ts";

/** The gateway's statement of a call that a careless tool server lets its caller see in the answer. */
export async function leakedStatement(bot: Bot, call: Readonly<Record<string, unknown>>): Promise<string> {
  const answer = assertAnswered(await bot.ask({ do: "call", ...call }));
  const { meta } = JSON.parse(answer) as { readonly meta?: Readonly<Record<string, unknown>> };
  const statement = meta?.["mayfly/statement"];
  ok(typeof statement === "string", "the tool server let no statement out");
  return statement;
}
