// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import type { LogWriter, SignedCheckpoint } from "@mayfly/journal";
import type {
  ExportRecordsRequest,
  ExportRecordsResponse,
  MayflyRecordsMethods,
  ProveRecordRequest,
  Sent,
} from "@mayfly/rpc";
import { actorOf, maySee, notAllowed } from "../../../tasks/callers/actor.ts";
import { requireTask } from "../../../tasks/lifecycle/find-task.ts";
import { taskRefusal } from "../../../tasks/refusal.ts";
import type { TaskLayer } from "../../../tasks/task-layer.ts";
import type { Call, GuardedHandlers } from "../../call.ts";
import { invalidArgument } from "../../wire/refusal.ts";

/** Entries in one response: a tile's worth. */
const pageSize = 256;
/** A response has at most so many bytes of records; a page of the largest ones would be over the limit of messages. */
const maxBytes = 2_097_152;

/** The record tells of all agents: who may read all of them. @throws {StatusError} PERMISSION_DENIED */
function requireReader({ caller }: Call): void {
  const actor = actorOf(caller);
  // Any role over "/" covers an agent of any name.
  if (!maySee(actor, "any-agent-at-all")) throw notAllowed(`${actor.name} has no role over all agents`);
}

/** A checkpoint over all that is durable now: whoever asks after an act finds it. @throws {StatusError} UNAVAILABLE, code NO_CHECKPOINT */
async function currentCheckpoint(writer: LogWriter): Promise<SignedCheckpoint> {
  const { size } = writer;
  // Waits for the next one, 200 ms at most.
  if (size > (writer.checkpoint?.size ?? 0)) await writer.receipt(size - 1);
  const { checkpoint } = writer;
  if (checkpoint !== undefined) return checkpoint;
  throw taskRefusal(status.UNAVAILABLE, {
    code: "NO_CHECKPOINT",
    message: "nothing is signed yet",
    hint: "try again",
  });
}

async function* exportRecords(
  { writer, stores }: TaskLayer,
  { from, to, task_id: taskId }: ExportRecordsRequest,
  { signal }: Call,
): AsyncGenerator<Sent<ExportRecordsResponse>> {
  const [start, end] = [Number(from), Number(to)];
  if (end !== 0 && end < start) throw invalidArgument("the range ends before it begins");
  // What comes after the signed size can't be verified yet.
  const signed = (await currentCheckpoint(writer)).size;
  const last = end === 0 ? signed : Math.min(end, writer.size);
  for (let at = start; at < last && !signal.aborted; ) {
    if (taskId === "") {
      const records = limit(await stores.record.readEntries(at, Math.min(at + pageSize, last)));
      if (records.length === 0) return;
      yield { index: String(at), records };
      at += records.length;
      continue;
    }
    const indexes = await stores.record.ofTask(taskId, { from: at, to: last, limit: pageSize });
    for (const index of indexes)
      yield { index: String(index), records: await stores.record.readEntries(index, index + 1) };
    const final = indexes.at(-1);
    if (final === undefined || indexes.length < pageSize) return;
    at = final + 1;
  }
}

function limit(records: readonly Uint8Array[]): readonly Uint8Array[] {
  let bytes = 0;
  const beyond = records.findIndex(({ length }, index) => index > 0 && (bytes += length) > maxBytes);
  return beyond === -1 ? records : records.slice(0, beyond);
}

async function indexOf({ stores, writer }: TaskLayer, { index, record_id: id }: ProveRecordRequest): Promise<number> {
  const found = id === "" ? Number(index) : (await stores.record.find(id)).at(-1);
  if (found !== undefined && found < writer.size) return found;
  throw taskRefusal(status.NOT_FOUND, {
    code: "RECORD_UNKNOWN",
    message: "the record has no such entry",
    hint: "mayfly log show lists them: the id is in its JSON form, the first column is what --index takes",
  });
}

/** The record: what it gives verifies with the vkey alone. */
export function recordsHandlers(layer: TaskLayer): GuardedHandlers<MayflyRecordsMethods> {
  return {
    GetCheckpoint: async (_request, call) => {
      requireReader(call);
      return { checkpoint: (await currentCheckpoint(layer.writer)).note, vkey: layer.vkey };
    },
    ExportRecords: async function* (request, call) {
      // Whoever may see a task may see what was recorded of it.
      const task = request.task_id === "" ? undefined : await requireTask(layer, request.task_id);
      if (task === undefined || !maySee(actorOf(call.caller), task.agent)) requireReader(call);
      yield* exportRecords(layer, request, call);
    },
    ProveRecord: async (request, call) => {
      requireReader(call);
      const index = await indexOf(layer, request);
      const receipt = await layer.writer.receipt(index);
      const [record] = await layer.stores.record.readEntries(index, index + 1);
      return { receipt, ...(record && { record }) };
    },
  };
}
