// SPDX-License-Identifier: Apache-2.0
import { equal } from "node:assert/strict";
import type { Bot } from "../world/bot.ts";
import type { DemoWorld } from "../world/demo-world.ts";

/** Asks for a refund that needs a person, and has lee approve it; the call as it may be made once. */
export async function approvedRefund(
  world: DemoWorld,
  bot: Bot,
  refund: { readonly order: number; readonly amount: number },
): Promise<{ readonly do: "call"; readonly tool: "refund"; readonly arguments: object; readonly meta: object }> {
  const call = { do: "call", tool: "refund", arguments: refund } as const;
  const { denied } = await bot.ask(call);
  const { approval } = (denied ?? {}) as { readonly approval?: string };
  equal(typeof approval, "string", "nobody was asked");
  const id = String(approval);
  const { status, stderr } = await world.mayfly(["approval", "approve", id, "--yes"], { as: world.lee });
  equal(status, 0, stderr);
  return { ...call, meta: { "mayfly/approval": id } };
}
