// SPDX-License-Identifier: Apache-2.0
import { equal, ok } from "node:assert/strict";
import type { Beat } from "../story.ts";
import { assertAnswered, assertRefused } from "./refusal.ts";

/** Arguments count, not only the tool. */
export const refund: Beat = {
  title: "A refund of 40 is allowed; one of 4,000 is not, but somebody may be asked",
  async run(story) {
    const { world } = story;
    const bot = story.get("bot");
    assertAnswered(await bot.ask({ do: "call", tool: "refund", arguments: { order: 1, amount: 40 } }));
    equal(world.database.refunds(), "1|40");
    const over = await bot.ask({ do: "call", tool: "refund", arguments: { order: 3, amount: 4000 } });
    const code = assertRefused(over, "APPROVAL_NEEDED");
    const { approval } = over["denied"] as { readonly approval?: string };
    ok(approval !== undefined, "the denial names no approval");
    equal(world.database.refunds(), "1|40");
    story.set("approval", approval);
    return [
      `refund {"order":1,"amount":40}   -> executed`,
      `refund {"order":3,"amount":4000} -> ${code} (amount over the task's limit); approval ${approval} is pending`,
      "psql: 1 refund, 40 in sum",
    ];
  },
};
