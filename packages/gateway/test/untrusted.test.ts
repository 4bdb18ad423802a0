// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, it } from "vitest";
import { denialOf, rawAgent } from "./world/agent.ts";
import { startWorld, type TestTask, type World } from "./world/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({}, {}, { query: { effect: "read", untrusted: true } });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

async function call(task: TestTask, tool: string, args: object): Promise<ReturnType<typeof denialOf>> {
  using agent = rawAgent(world, task.path);
  const answer = await agent.call(tool, args);
  expect(answer.status).toBe(200);
  return denialOf(answer);
}

const refund = { order: "7", amount: 40 };

it("an agent that called a tool with anybody's words changes nothing without an approval, nor do its relatives", async () => {
  const task = world.start();
  const child = world.start({ parent: task.id, depth: 1 });
  const stranger = world.start();
  expect(await call(task, "refund", refund)).toBeUndefined();
  expect(await call(child, "refund", refund)).toBeUndefined();
  expect(await call(child, "query", { table: "orders" })).toBeUndefined();
  for (const each of [child, task]) {
    expect(await call(each, "refund", refund)).toMatchObject({
      reason: "APPROVAL_NEEDED",
      access_request: { status: "pending" },
    });
    expect(await call(each, "query", { table: "orders" })).toBeUndefined();
  }
  expect(await call(stranger, "refund", refund)).toBeUndefined();
});
