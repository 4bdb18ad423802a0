// SPDX-License-Identifier: Apache-2.0
import { equal } from "node:assert/strict";
import type { Beat } from "../story.ts";
import { assertAnswered, assertRefused } from "./refusal.ts";

/** An approval is for one call, once. */
export const retry: Beat = {
  title: "The approved call is executed once; with an edited digit, or a second time, it is refused",
  async run(story) {
    const { world } = story;
    const meta = { "mayfly/approval": story.get("approval") };
    const call = (amount: number) =>
      story.get("bot").ask({ do: "call", tool: "refund", arguments: { order: 3, amount }, meta });
    const edited = assertRefused(await call(4001), "CALL_CHANGED");
    assertAnswered(await call(4000));
    equal(world.database.refunds(), "2|4040");
    const replayed = assertRefused(await call(4000), "APPROVAL_CONSUMED");
    equal(world.database.refunds(), "2|4040");
    return [
      `refund of 4001 with the approval for 4000 -> ${edited}`,
      "refund of 4000                            -> executed",
      `refund of 4000 once more                  -> ${replayed}`,
      "psql: 2 refunds, 4040 in sum",
    ];
  },
};
