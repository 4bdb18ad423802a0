// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import type { BeginLeaseRequest } from "@mayfly/rpc";
import {
  type BeginLeaseOutcome,
  createTaskId,
  isTaskId,
  type Lease,
  type NewLease,
  type Task,
  taskIdBytes,
} from "@mayfly/tasks";
import { invalidArgument, orInvalidArgument } from "../../rpc/wire/refusal.ts";
import { parseIdText } from "../../rpc/wire/spiffe-id.ts";
import type { TaskLayer } from "../task-layer.ts";
import { readStatedCall } from "./read-statement.ts";

/** A lease, or why there is none. */
export type BegunLease = { readonly lease: Lease } | { readonly refusal: string; readonly message: string };

const defaultTtlSeconds = 300;
const maxTtlSeconds = 3600;
/** What names of accounts begin with where the broker does not say it. */
const accountPrefix = "mayfly_";

const refusals: Readonly<Record<Exclude<BeginLeaseOutcome["outcome"], "begun" | "exists">, string>> = {
  conflict: "LEASE_CONFLICT",
  "task-not-active": "TASK_NOT_ACTIVE",
  "call-not-open": "CALL_NOT_OPEN",
};

/**
 * The durable intent of a lease: for a call that this server let through and that is not finished, made by the gateway that the statement
 * names. Nothing may be made at a back-end without it.
 * @throws {StatusError} INVALID_ARGUMENT @throws {JournalError}
 */
export async function beginLease(layer: TaskLayer, broker: string, request: BeginLeaseRequest): Promise<BegunLease> {
  const { target, mode } = request;
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(target)) throw invalidArgument("malformed name of a target");
  if (mode !== "brokered" && mode !== "leased") throw invalidArgument("expected a mode of brokered, leased");
  const prefix = request.account_prefix || accountPrefix;
  // With the ids of task and lease it is a name that every back-end takes.
  if (!/^[a-z][a-z0-9_]{1,20}$/.test(prefix)) throw invalidArgument("malformed prefix of an account");
  const holder = orInvalidArgument("invalid holder", () => parseIdText(request.holder).text);
  const stated = readStatedCall(request.statement);
  const call = await layer.stores.calls.get(stated.call);
  const isOurs = call?.taskId === stated.task && call.tool === stated.tool && call.guard === stated.issuer;
  const task = isOurs && isTaskId(stated.task) ? await layer.stores.tasks.get(stated.task) : undefined;
  if (task === undefined) {
    await layer.recorder.note({
      kind: "lease",
      actor: broker,
      decision: "deny",
      body: { act: "begin", code: "CALL_NOT_OPEN", target, holder },
    });
    return { refusal: "CALL_NOT_OPEN", message: "the statement is not of a call that was let through" };
  }
  return await write(layer, newLease(layer, task, { broker, request, callId: stated.call, holder, mode, prefix }));
}

function newLease(
  { clock }: TaskLayer,
  task: Task,
  what: {
    readonly broker: string;
    readonly request: BeginLeaseRequest;
    readonly callId: string;
    readonly holder: string;
    readonly mode: Lease["mode"];
    readonly prefix: string;
  },
): NewLease {
  // As task ids, with another letter: what makes accounts at a back-end findable.
  const id = `l-${createTaskId(randomBytes(taskIdBytes)).slice(2)}`;
  const createdAt = clock.now();
  const ttlSeconds = Math.min(Number(what.request.ttl_seconds) || defaultTtlSeconds, maxTtlSeconds);
  return {
    id,
    taskId: task.id,
    callId: what.callId,
    target: what.request.target,
    mode: what.mode,
    account: `${what.prefix}${task.id}_${id}`.replaceAll("-", "_"),
    holder: what.holder,
    guard: what.broker,
    createdAt,
    notAfter: new Date(Math.min(createdAt.getTime() + ttlSeconds * 1000, task.notAfter.getTime())),
  };
}

async function write({ recorder, stores }: TaskLayer, lease: NewLease): Promise<BegunLease> {
  const { id, taskId, callId, target, mode, account, holder, notAfter } = lease;
  const begun = await recorder.around(
    {
      kind: "lease",
      actor: lease.guard,
      task: taskId,
      lease: id,
      body: { act: "begin", call: callId, target, mode, account, holder, not_after: notAfter.toISOString() },
    },
    {
      stops: "act",
      act: async () => await stores.leases.begin(lease),
      describe: ({ outcome }) => ({ result: outcome }),
    },
  );
  if (begun.outcome === "begun" || begun.outcome === "exists") return { lease: begun.lease };
  return { refusal: refusals[begun.outcome], message: `the lease can't be begun: ${begun.outcome}` };
}
