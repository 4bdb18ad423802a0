// SPDX-License-Identifier: Apache-2.0
import { type LogRecord, type LogWriter, parseRecord } from "@mayfly/journal";
import type { RecordStore } from "@mayfly/datastore";
import type { CallStore } from "@mayfly/tasks";
import type { Recorder } from "./recorder.ts";

/** What the end of the record is mended with. */
export interface RepairRecordDeps {
  readonly record: Pick<RecordStore, "readEntries">;
  readonly calls: CallStore;
  readonly writer: LogWriter;
  readonly recorder: Recorder;
  readonly serverId: string;
}

/** More than can have been under way when a server was killed. */
const lookBack = 16_384;
const pageSize = 256;

/**
 * Says of each act that was under way when the server stopped that nobody knows what came of it. Calls that were let through stay open:
 * their gateway, or the end of their task, closes them.
 */
export async function repairRecord({ record, calls, writer, recorder, serverId }: RepairRecordDeps): Promise<void> {
  const open = new Map<string, LogRecord>();
  for (let at = Math.max(0, writer.size - lookBack); at < writer.size; ) {
    const entries = await record.readEntries(at, Math.min(at + pageSize, writer.size));
    for (const entry of entries.map(parseRecord)) follow(open, entry);
    if (entries.length === 0) break;
    at += entries.length;
  }
  for (const [id, { kind, task, agent, tool, approval, lease }] of open) {
    const call = kind === "call" ? await calls.get(id) : undefined;
    if (call?.state === "begun") continue;
    const result = kind === "call" ? "not-made" : "unknown";
    // One that has ended has its outcome in the store, where there was no record to be written.
    const body =
      call === undefined ? { result, detail: "SERVER_STOPPED" } : { result: call.state, detail: call.detail };
    await recorder.outcome(id, { kind, actor: serverId, task, agent, tool, approval, lease, body });
  }
}

function follow(open: Map<string, LogRecord>, entry: LogRecord): void {
  if (entry.phase === "intent") open.set(entry.id, entry);
  if (entry.phase === "outcome") open.delete(entry.id);
}
