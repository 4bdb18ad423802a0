// SPDX-License-Identifier: Apache-2.0
import { equal } from "node:assert/strict";
import { assertAnswered, assertRefused } from "../beats/refusal.ts";
import { approvedRefund } from "./approved-refund.ts";
import type { Attack } from "./attack.ts";
import { withBot } from "./with-bot.ts";

const payments = "SELECT amount FROM refunds WHERE order_id = 2 AND amount > 3000";

/** One digit more than lee saw. */
export const editedArguments: Attack = {
  name: "an approval, used for other arguments",
  control: "an approval is a signature over the digest of the canonical arguments",
  run: async (world) =>
    await withBot(world, async (bot) => {
      const call = await approvedRefund(world, bot, { order: 2, amount: 3002 });
      const answer = await bot.ask({ ...call, arguments: { order: 2, amount: 30020 } });
      const code = assertRefused(answer, "CALL_CHANGED");
      equal(world.database.query(payments), "", "it was paid");
      // What was approved still is.
      assertAnswered(await bot.ask(call));
      equal(world.database.query(payments), "3002");
      return code;
    }),
};
