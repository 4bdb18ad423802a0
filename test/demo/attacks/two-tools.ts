// SPDX-License-Identifier: Apache-2.0
import { equal } from "node:assert/strict";
import { assertRefused } from "../beats/refusal.ts";
import type { Attack } from "./attack.ts";
import { withBot } from "./with-bot.ts";

/** Who decides on the header alone lets a read pass, and money is paid. */
export const twoTools: Attack = {
  name: "a call whose header says query and whose body says refund",
  control: "the gateway reads the body itself and compares the headers with it (TGW-D05, MCP -32020)",
  run: async (world) =>
    await withBot(world, async (bot) => {
      const before = world.database.refunds();
      const call = { tool: "refund", arguments: { order: 1, amount: 50 } };
      const answer = await bot.ask({ do: "call", ...call, headers: { "mcp-name": "query" } });
      const code = assertRefused(answer, "HEADER_MISMATCH");
      equal(world.database.refunds(), before, "a refund was made");
      const { rpc } = answer["error"] as { readonly rpc: number };
      equal(rpc, -32020);
      return `${code} (${String(rpc)})`;
    }),
};
