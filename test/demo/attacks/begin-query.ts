// SPDX-License-Identifier: Apache-2.0
import type { Bot, BotAnswer } from "../world/bot.ts";

/** A call of `query` that goes on while other things are done; where nobody comes to ask for its answer, its failure is no matter. */
export function beginQuery(bot: Bot): Promise<BotAnswer> {
  const answer = bot.ask({ do: "call", tool: "query", arguments: { order: 1 } });
  answer.catch(() => undefined);
  return answer;
}
