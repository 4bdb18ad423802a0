// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from "node:crypto";
import type { LogWriter } from "@mayfly/journal";
import type { Task } from "@mayfly/tasks";
import { type Datastore, openDatastore } from "../src/index.ts";
import { acknowledge } from "./acknowledge.ts";
import { callRecord, claimOf, openRecord, storeTask } from "./record-samples.ts";

// Run as a process of its own: `record-crash-writer.ts <file> <round>`. Makes calls without end: intent, act, outcome. Says on standard
// output what was acknowledged, one line each, until it is killed.

const [file = "", round = ""] = process.argv.slice(2);

async function makeCalls(store: Datastore, record: LogWriter, task: Task): Promise<never> {
  for (;;) {
    const id = randomUUID();
    const about = { task: task.id, tool: "orders/query" };
    const intent = await record.append(callRecord(id, { ...about, phase: "intent", decision: "allow" }));
    acknowledge(`intent ${id} ${intent}`);
    const { outcome } = await store.budgets.take(claimOf(task, id));
    acknowledge(`act ${id} ${outcome}`);
    await store.calls.finish(id, { state: "done", detail: "", at: new Date() });
    const index = await record.append(callRecord(id, { ...about, phase: "outcome" }));
    acknowledge(`outcome ${id} ${index}`);
    if (record.checkpoint !== undefined) acknowledge(`signed ${Buffer.from(record.checkpoint.note).toString("hex")}`);
  }
}

const store = await openDatastore({ file, trustDomain: "example.org" });
const record = await openRecord(store);
const task = await storeTask(store);
acknowledge(`open ${round}`);
await Promise.all(Array.from({ length: 12 }, () => makeCalls(store, record, task)));
