// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Datastore, openDatastore } from "@mayfly/datastore";
import { createNoteSigner, type LogRecord, LogWriter } from "@mayfly/journal";
import { TrustDomain } from "@mayfly/spiffe";
import {
  type AgentProfile,
  type CallClaim,
  countersOf,
  createTaskId,
  createTaskIdentity,
  parseProfile,
  startTask,
  type Task,
} from "@mayfly/tasks";
import { type Report, since } from "../measure.ts";

const calls = 1_000;
const warmUp = 300;
const ends = 1_000;
const endRounds = 3;
const query = { server: "orders", tool: "query" };

async function storeProfile(store: Datastore): Promise<AgentProfile> {
  const tools = [{ ...query, effect: "read", maxCalls: 1_000_000 }];
  const own = { name: "bot", owner: "dana", tier: "T2", ceiling: { tools }, selectors: ["unix:uid:1000"] };
  const written = await store.profiles.create(parseProfile({ ...own, expiresAt: "2099-01-01T00:00:00Z" }));
  if (written.outcome !== "written") throw new Error(written.outcome);
  return written.value;
}

/** A task with two leases beside its entry. */
async function storeTask(store: Datastore, profile: AgentProfile): Promise<Task> {
  const now = new Date();
  const asked = { id: createTaskId(randomBytes(10)), scope: profile.ceiling, requestedBy: "dana", owner: "dana" };
  const task = startTask(profile, { ...asked, notAfter: new Date(now.getTime() + 3_000_000) }, now);
  const where = { trustDomain: TrustDomain.parse("bench.test"), entryId: randomUUID() };
  const identity = createTaskIdentity(task, profile, { ...where, parentId: "spiffe://bench.test/spire/agent/a" });
  const created = await store.tasks.create(task, identity, { profile }, now);
  if (created.outcome !== "created") throw new Error(created.outcome);
  for (const ref of ["a", "b"]) {
    const grant = { id: randomUUID(), taskId: task.id, kind: "lease", guard: "broker", ref, revision: 0 } as const;
    await store.grants.open({ ...grant, notAfter: task.notAfter, renewable: true, state: "live" }, now);
  }
  return created.task;
}

async function samplesOf(act: (id: string) => Promise<unknown>): Promise<number[]> {
  const samples: number[] = [];
  for (let round = -warmUp; round < calls; round++) {
    const id = randomUUID();
    const started = performance.now();
    await act(id);
    if (round >= 0) samples.push(since(started));
  }
  return samples;
}

async function endThousand(store: Datastore, profile: AgentProfile): Promise<number> {
  const tasks = await Promise.all(Array.from({ length: ends }, () => storeTask(store, profile)));
  const started = performance.now();
  const { tasks: ended } = await store.tasks.end(
    tasks.map(({ id }) => id),
    "revoked",
    new Date(),
  );
  if (ended.length !== ends) throw new Error(`${String(ended.length)} tasks ended`);
  return since(started);
}

async function measure(report: Report, store: Datastore, record: LogWriter): Promise<void> {
  const head = { bench: "task-store", system: "mayfly" };
  const profile = await storeProfile(store);
  const task = await storeTask(store, profile);
  const at = new Date();
  const counters = countersOf(query, [task]);
  const claim = { taskId: task.id, taskRevision: task.revision, ...query, guard: "gateway", counters, at };
  const take = (callId: string) => store.budgets.take({ ...claim, callId } satisfies CallClaim);
  const intent = (id: string): LogRecord => {
    const about = { task: task.id, actor: "spiffe://bench.test/gateway", body: {} };
    return { v: 1, id, kind: "call", phase: "intent", decision: "allow", at: at.toISOString(), ...about };
  };
  report.latency({ ...head, target: "p50 <= 2" }, "take of a budget, alone, durable", await samplesOf(take));
  const recorded = await samplesOf((id) => record.append(intent(id)));
  report.latency({ ...head, target: "" }, "record of an intent, alone, durable", recorded);
  const both = await samplesOf(async (id) => {
    await record.append(intent(id));
    await take(id);
  });
  report.latency({ ...head, target: "" }, "intent, then take", both);
  const samples: number[] = [];
  for (let round = 0; round < endRounds; round++) samples.push(await endThousand(store, profile));
  report.latency({ ...head, target: "p50 <= 200" }, "1,000 tasks with 3,000 grants end in one act", samples);
}

/** What a gated call and an end cost in the store, on the disk of the temporary folder. */
export async function taskStore(report: Report): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "mayfly-bench-"));
  try {
    await using store = await openDatastore({ file: join(folder, "datastore.db"), trustDomain: "bench.test" });
    const signer = createNoteSigner("bench.test/log", generateKeyPairSync("ed25519").privateKey);
    const clock = { sleep: (ms: number, signal: AbortSignal) => wait(ms, undefined, { signal }) };
    await using record = await LogWriter.open({ store: store.record, signer, clock });
    await measure(report, store, record);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
