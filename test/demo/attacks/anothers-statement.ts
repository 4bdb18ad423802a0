// SPDX-License-Identifier: Apache-2.0
import { equal } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../../processes.ts";
import { assertAnswered, assertRefused } from "../beats/refusal.ts";
import type { BotAnswer } from "../world/bot.ts";
import type { DemoWorld } from "../world/demo-world.ts";
import type { Attack } from "./attack.ts";
import { beginQuery } from "./begin-query.ts";
import { holdTable } from "./held-table.ts";
import { statementIn } from "./leaked-statement.ts";
import { rolesOf } from "./roles-of.ts";
import { runAs } from "./run-as.ts";
import { withBot } from "./with-bot.ts";

/** The tool server `orders` logs what it is told; another tool server uses that while the call is under way. */
export const anothersStatement: Attack = {
  name: "a statement of a call, stolen and shown to the broker under another SVID",
  control: "the broker holds a statement's audience against the SVID of the connection that it comes over",
  run: async (world) =>
    await withBot(world, async (bot, task) => {
      await using orders = await holdTable(world, "orders IN ACCESS EXCLUSIVE MODE");
      const { answer, statement } = await careless(world, async () => ({
        answer: beginQuery(bot),
        statement: await loggedStatement(world),
      }));
      const code = assertRefused(await present(world, statement), "WRONG_AUDIENCE");
      await orders.release();
      assertAnswered(await answer);
      equal(rolesOf(world, task).length, 1, "a role was made for the thief");
      return `${code} from the broker, for ${world.parts.ids.archive}`;
    }),
};

function loggedStatement(world: DemoWorld): Promise<string> {
  return until(
    () => `a statement in the log: ${world.toolServer.log}`,
    () => {
      const told = /^told (.+)$/m.exec(world.toolServer.log)?.[1];
      return told !== undefined && statementIn(told);
    },
  );
}

function present(world: DemoWorld, statement: string): Promise<BotAnswer> {
  const { ids, ports } = world.parts;
  const broker = { host: "127.0.0.1", port: ports.broker, id: ids.broker };
  const order = { spiffe_id: ids.archive, broker, target: "orders", statement };
  return runAs(world, "archive", { program: "present-statement.ts", order });
}

/** While `act` runs, the tool server logs what it is told. */
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
