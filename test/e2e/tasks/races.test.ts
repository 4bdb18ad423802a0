// SPDX-License-Identifier: Apache-2.0
// One agent's process against a gateway process, a server process and a real database: what may be done n times is done n times.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { approvedRefund } from "../../demo/attacks/approved-refund.ts";
import { withBot } from "../../demo/attacks/with-bot.ts";
import { DemoWorld } from "../../demo/world/demo-world.ts";

const racers = 200;

// Sixty connections, and calls that wait for them: the gateway takes no more of one task.
describe(`${String(racers)} calls at once through the gateway`, () => {
  let world: DemoWorld;
  beforeAll(async () => {
    world = await DemoWorld.start();
    // By default the gateway has 16 calls of one task under way at once, and the others never race.
    const file = join(world.parts.directory, "gateway.json");
    const config = JSON.parse(readFileSync(file, "utf8")) as object;
    writeFileSync(file, JSON.stringify({ ...config, max_calls_per_task: racers }));
    await world.gateway.crash();
    await world.gateway.boot();
  }, 180_000);
  afterAll(() => world[Symbol.asyncDispose]());

  const paid = (order: number): string =>
    world.database.query(`SELECT count(*) FROM refunds WHERE order_id = ${String(order)}`);

  it("with one approval: exactly one is made, and one refund paid", async () => {
    const raced = await withBot(world, async (bot) => {
      const call = await approvedRefund(world, bot, { order: 1, amount: 4000 });
      return await bot.ask({ ...call, do: "race", count: racers });
    });
    expect(raced).toEqual({ outcomes: { answered: 1, APPROVAL_CONSUMED: racers - 1 } });
    expect(paid(1)).toBe("1");
  });

  it("with a budget of ten: exactly ten are made, and ten refunds paid", async () => {
    const race = { do: "race", count: racers, tool: "refund", arguments: { order: 2, amount: 5 } };
    const raced = await withBot(world, (bot) => bot.ask(race));
    expect(raced).toEqual({ outcomes: { answered: 10, BUDGET_SPENT: racers - 10 } });
    expect(paid(2)).toBe("10");
  });
});
