// SPDX-License-Identifier: Apache-2.0
import { deepEqual, equal } from "node:assert/strict";
import type { Beat } from "../story.ts";
import { scopes } from "../world/configurations.ts";
import { assertAnswered, assertRefused } from "./refusal.ts";

/** A sub-agent gets less than its parent, never more. */
export const delegate: Beat = {
  title: "A sub-agent gets a part of the task; asking for more, or for a sub-agent of its own, is refused",
  async run(story) {
    const { world } = story;
    const bot = story.get("bot");
    const [allowed] = scopes.scribe.tools;
    const wider = { tools: [{ server: "orders", tool: "export", effect: "read" }] };
    const more = assertRefused(await bot.ask({ do: "child", name: "scribe", scope: wider }), "SCOPE_WIDENS");
    const { task, ticket, error } = await bot.ask({ do: "child", name: "scribe", scope: { tools: [allowed] } });
    equal(error, undefined, JSON.stringify(error));
    const scribe = world.startBot(world.file(`${String(ticket)}\n`, "ir-bot"));
    const { tools } = await scribe.ask({ do: "list" });
    deepEqual(tools, ["query"]);
    assertAnswered(await scribe.ask({ do: "call", tool: "query", arguments: {} }));
    const refund = await scribe.ask({ do: "call", tool: "refund", arguments: { order: 1, amount: 1 } });
    const refused = assertRefused(refund, "TOOL_UNKNOWN", "OUT_OF_SCOPE", "TOOL_NOT_IN_SCOPE");
    const grandchild = await scribe.ask({ do: "child", scope: { tools: [allowed] } });
    const deep = assertRefused(grandchild, "TOO_DEEP");
    const { id, spiffe_id: spiffeId } = task as { readonly id: string; readonly spiffe_id: string };
    story.set("scribe", scribe);
    story.set("scribeTask", id);
    return [
      `ir-bot delegates orders/export, which it has not  -> ${more}`,
      `ir-bot delegates orders/query                     -> ${spiffeId}`,
      `ir-bot/scribe lists tools: query; asks for refund -> ${refused}`,
      `ir-bot/scribe delegates further                   -> ${deep}`,
    ];
  },
};
