// SPDX-License-Identifier: Apache-2.0
import type { DemoWorld, StartedTask } from "../../demo/world/demo-world.ts";
import type { Bot, BotAnswer } from "../../demo/world/bot.ts";
import { scopes } from "../../demo/world/configurations.ts";
import { expect } from "../suite.ts";

const callsAround = 100;
const againMs = 60_000;

/** What happened, for who looks into the record. */
export interface Happened {
  /** Ended, with all that it held. */
  readonly task: StartedTask;
  /** Started, then killed. */
  readonly killed: StartedTask;
  readonly approval: string;
  /** Calls that the agent was told are made, around the crash of the server. */
  readonly made: number;
}

/** Tasks, calls, an approval, a child and leases of the real system, with the server killed in the middle of it. */
export async function happen(world: DemoWorld): Promise<Happened> {
  const task = await world.startTask();
  const bot = world.startBot(task.ticketFile);
  await bot.ask({ do: "list" });
  await made(bot, { tool: "query", arguments: {} });
  await made(bot, { tool: "refund", arguments: { order: 1, amount: 40 } });
  const approval = await approved(world, bot);
  await refused(bot, { tool: "drop_table", arguments: { table: "orders" } });
  await bot.ask({ do: "child", scope: scopes.scribe, ttl: 60, name: "scribe" });
  const count = await crash(world, bot);
  await change(world, task, bot);
  await end(world, ["task", "end", task.id]);
  const killed = await world.startTask();
  const other = world.startBot(killed.ticketFile);
  await made(other, { tool: "query", arguments: {} });
  await end(world, ["kill", "task", killed.id, "--reason", "the suite's"]);
  await refused(other, { tool: "query", arguments: {} });
  return { task, killed, approval, made: count };
}

/** A refund over the limit: asked for, approved by somebody else, made once. */
async function approved(world: DemoWorld, bot: Bot): Promise<string> {
  const call = { tool: "refund", arguments: { order: 3, amount: 4_000 } };
  const { approval } = await refused(bot, call);
  expect(approval !== undefined, "no approval was asked for");
  const { status, stderr } = await world.mayfly(["approval", "approve", approval], { as: world.lee });
  expect(status === 0, stderr);
  const meta = { "mayfly/approval": approval };
  await made(bot, { ...call, meta });
  await refused(bot, { ...call, meta });
  return approval;
}

/** The server dies with calls under way; what it let through is made, what it did not is refused. */
async function crash(world: DemoWorld, bot: Bot): Promise<number> {
  const answers: BotAnswer[] = [];
  const calls = Array.from({ length: callsAround }, () => bot.ask({ do: "call", tool: "query", arguments: {} }));
  for (const [index, call] of calls.entries()) {
    answers.push(await call);
    if (index === 5) await world.server.crash();
  }
  const count = answers.filter(isMade).length;
  expect(count >= 6 && count < callsAround, `${String(count)} calls were made around the crash`);
  await world.server.boot();
  // Until the gateway has the server's word again every call is refused.
  const deadline = performance.now() + againMs;
  while (!isMade(await bot.ask({ do: "call", tool: "query", arguments: {} })))
    expect(performance.now() < deadline, `no call after the crash: ${world.gateway.log.slice(-2_000)}`);
  return count + 1;
}

async function change(world: DemoWorld, task: StartedTask, bot: Bot): Promise<void> {
  await world.json("task", "suspend", task.id, "--reason", "looked into");
  await refused(bot, { tool: "query", arguments: {} });
  await world.json("task", "resume", task.id, "--reason", "harmless");
}

async function end(world: DemoWorld, words: readonly string[]): Promise<void> {
  const { status, stdout, stderr } = await world.mayfly(words);
  expect(status === 0, `mayfly ${words.join(" ")}: ${stdout}${stderr}`);
}

async function made(bot: Bot, call: object): Promise<void> {
  const answer = await bot.ask({ do: "call", ...call });
  expect(isMade(answer), `not made: ${JSON.stringify(answer)}`);
}

async function refused(bot: Bot, call: object): Promise<{ readonly approval?: string }> {
  const answer = await bot.ask({ do: "call", ...call });
  expect(!isMade(answer), `made: ${JSON.stringify(answer)}`);
  return answer["denied"] ?? {};
}

function isMade({ text, denied, error }: BotAnswer): boolean {
  return text !== undefined && denied === undefined && error === undefined;
}
