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

it("many changes come in messages of their size, and only the last says that all is told", async () => {
  const end = new AbortController();
  const live = new LiveTasks();
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
  live.take([task(1)]);
  const messages = async function* (): AsyncGenerator<GuardMessage> {
    yield { hello: { kind: "gateway", version: "" } };
    await new Promise((resolve) => end.signal.addEventListener("abort", resolve));
  };
  const orders: Sent<GuardOrder>[] = [];
  for await (const order of session.serve(messages())) {
    orders.push(order);
    if (order.snapshot) live.take(Array.from({ length: 3000 }, (_, n) => task(n + 2)));
    if (order.revision === "3001") end.abort();
  }
  const [snapshot, ...changes] = orders;
  expect(snapshot).toMatchObject({ snapshot: true, revision: "1" });
  expect(changes.length).toBeGreaterThan(1);
  expect(changes.slice(0, -1).every(({ revision }) => revision === "1")).toBe(true);
  expect(changes.reduce((sum, { tasks }) => sum + (tasks?.length ?? 0), 0)).toBe(3000);
});
