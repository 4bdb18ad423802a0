// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import type { GuardMessage, GuardOrder, Sent } from "@mayfly/rpc";
import { createTaskId, type Task, taskIdBytes } from "@mayfly/tasks";
import { expect, it } from "vitest";
import { GuardSession } from "./guard-session.ts";
import { GuardState } from "./guard-state.ts";
import { LiveTasks } from "./live-tasks.ts";

function task(revision: number): Task {
  const id = createTaskId(randomBytes(taskIdBytes));
  const times = { createdAt: new Date(0), notAfter: new Date(1e12) };
  const who = { agent: "ops/bot", owner: "dana", requestedBy: "dana" };
  const rest = { tier: "T2", scope: { tools: [] }, state: "active", holds: [], depth: 0 } as const;
  return { id, rootId: id, ...who, ...times, ...rest, revision };
}

/** All orders of one stream, each shown to `take` first, until one whose revision is `last`. */
async function ordersUntil(
  last: string,
  live: LiveTasks,
  take: (order: Sent<GuardOrder>) => void,
): Promise<Sent<GuardOrder>[]> {
  const end = new AbortController();
  const session = new GuardSession({
    guard: new GuardState("spiffe://example.org/gateway", "gateway"),
    trustDomain: "example.org",
    live,
    concerns: () => true,
    isFresh: () => true,
    report: () => Promise.resolve(),
    heard: () => undefined,
    signal: end.signal,
  });
  live.onChange((each) => session.change(each));
  const messages = async function* (): AsyncGenerator<GuardMessage> {
    yield { hello: { kind: "gateway", version: "", process_age_ms: "0" } };
    yield { beat: { seen_revision: "0", sequence: "1" } };
    await new Promise((resolve) => end.signal.addEventListener("abort", resolve));
  };
  const orders: Sent<GuardOrder>[] = [];
  for await (const order of session.serve(messages())) {
    orders.push(order);
    take(order);
    if (order.revision === last) end.abort();
  }
  return orders;
}

const many = Array.from({ length: 3000 }, (_, n) => task(n + 2));
const told = (orders: readonly Sent<GuardOrder>[]): number =>
  orders.reduce((sum, { tasks }) => sum + (tasks?.length ?? 0), 0);

it("many changes come in messages of their size, and only the last says that all is told", async () => {
  const live = new LiveTasks();
  live.take([task(1)]);
  const orders = await ordersUntil("3001", live, ({ snapshot }) => {
    if (snapshot) live.take(many);
  });
  const [snapshot, ...changes] = orders;
  expect(snapshot).toMatchObject({ snapshot: true, more: false, revision: "1" });
  expect(changes.length).toBeGreaterThan(1);
  expect(changes.slice(0, -1).every(({ revision, answered }) => revision === "1" && answered === "0")).toBe(true);
  expect(changes.every(({ snapshot: isPart, more }) => isPart === false && more === false)).toBe(true);
  expect(told(changes)).toBe(3000);
});

it("a large snapshot comes in parts, with what changed meanwhile in one of them, and the last alone has no more", async () => {
  const live = new LiveTasks();
  live.take(many);
  const late = { ...task(3002), state: "suspended" as const };
  let parts = 0;
  const orders = await ordersUntil("3002", live, () => {
    parts += 1;
    if (parts === 1) live.take([late]);
  });
  expect(orders.length).toBeGreaterThan(2);
  expect(orders.every(({ snapshot }) => snapshot)).toBe(true);
  expect(orders.map(({ more }) => more)).toEqual([...orders.slice(1).map(() => true), false]);
  expect(orders.slice(0, -1).every(({ revision, answered }) => revision === "0" && answered === "0")).toBe(true);
  expect(orders.at(-1)).toMatchObject({ answered: "1" });
  expect(told(orders)).toBe(3001);
  expect(orders.at(-1)?.tasks?.at(-1)).toMatchObject({ task_id: late.id, state: "suspended" });
  expect(orders.every(({ tasks = [] }) => tasks.length <= 1024)).toBe(true);
});
