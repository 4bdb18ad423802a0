// SPDX-License-Identifier: Apache-2.0
import { equal } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assertRefused } from "../beats/refusal.ts";
import type { BotAnswer } from "../world/bot.ts";
import type { DemoWorld } from "../world/demo-world.ts";
import type { Attack } from "./attack.ts";
import { leakedStatement } from "./leaked-statement.ts";
import { runAs } from "./run-as.ts";
import { withBot } from "./with-bot.ts";

/** The tool server `orders` becomes careless; an agent takes a statement from its answer to a tool server that works with it. */
export const anothersStatement: Attack = {
  name: "a statement of a call, stolen and shown to the broker under another SVID",
  control: "the broker holds a statement's audience against the SVID of the connection that it comes over",
  run: async (world) =>
    await withBot(world, async (bot) => {
      const statement = await careless(world, () => leakedStatement(bot, { tool: "query", arguments: { order: 1 } }));
      const roles = world.database.leasedRoles();
      const code = assertRefused(await present(world, statement), "WRONG_AUDIENCE");
      equal(world.database.leasedRoles().join(), roles.join(), "a role was made for the thief");
      return `${code} from the broker, for ${world.parts.ids.archive}`;
    }),
};

function present(world: DemoWorld, statement: string): Promise<BotAnswer> {
  const { ids, ports } = world.parts;
  const broker = { host: "127.0.0.1", port: ports.broker, id: ids.broker };
  const order = { spiffe_id: ids.archive, broker, target: "orders", statement };
  return runAs(world, "archive", { program: "present-statement.ts", order });
}

/** While `act` runs, the tool server answers with what it was told. */
async function careless<T>(world: DemoWorld, act: () => Promise<T>): Promise<T> {
  const file = join(world.parts.directory, "tool-server.json");
  const before = readFileSync(file, "utf8");
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(before) as object), echo_meta: true }));
  try {
    return await act();
  } finally {
    writeFileSync(file, before);
  }
}
