// SPDX-License-Identifier: Apache-2.0
import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { createPrivateKey } from "node:crypto";
import { createNoteSigner, type LogRecord, LogWriter, type NoteSigner } from "@mayfly/journal";
import { TrustDomain } from "@mayfly/spiffe";
import { type CallClaim, createTaskId, createTaskIdentity, parseProfile, startTask, type Task } from "@mayfly/tasks";
import type { Datastore } from "../src/index.ts";

/** The same key in every process of a test. */
export const signer: NoteSigner = createNoteSigner(
  "example.org/log",
  createPrivateKey({
    key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, 7)]),
    format: "der",
    type: "pkcs8",
  }),
);

/** The record of a store, with the machine's timer. */
export function openRecord(store: Datastore): Promise<LogWriter> {
  const clock = { sleep: (ms: number, signal: AbortSignal) => wait(ms, undefined, { signal }) };
  return LogWriter.open({ store: store.record, signer, clock });
}

/** A record of a call, now. */
export function callRecord(id: string, fields: Partial<LogRecord> = {}): LogRecord {
  const at = new Date().toISOString();
  return { v: 1, id, kind: "call", phase: "event", at, actor: "spiffe://example.org/gateway", body: {}, ...fields };
}

/** A claim of a task that no budget stands against. */
export function claimOf(task: Task, callId: string): CallClaim {
  const call = { server: "orders", tool: "query", guard: "spiffe://example.org/gateway" };
  return { ...call, callId, taskId: task.id, taskRevision: task.revision, counters: [], at: new Date() };
}

/** Stores a new active task of a profile, which is stored first if it is not there; ends in an hour. */
export async function storeTask(store: Datastore, agent = "bot"): Promise<Task> {
  const now = new Date();
  const tools = [{ server: "orders", tool: "query", effect: "read" }];
  const own = { name: agent, owner: "dana", tier: "T2", ceiling: { tools }, selectors: ["unix:uid:1000"] };
  await store.profiles.create(parseProfile({ ...own, expiresAt: "2099-01-01T00:00:00Z" }));
  const profile = await store.profiles.get(agent);
  if (profile === undefined) throw new Error("the profile is not stored");
  const request = { id: createTaskId(randomBytes(10)), scope: profile.ceiling, requestedBy: "dana", owner: "dana" };
  const task = startTask(profile, { ...request, notAfter: new Date(now.getTime() + 3_600_000) }, now);
  const where = { trustDomain: TrustDomain.parse("example.org"), entryId: randomUUID() };
  const identity = createTaskIdentity(task, profile, { ...where, parentId: "spiffe://example.org/spire/agent/a" });
  const created = await store.tasks.create(task, identity, { profile }, now);
  if (created.outcome !== "created") throw new Error(`the task is not stored: ${created.outcome}`);
  return created.task;
}
