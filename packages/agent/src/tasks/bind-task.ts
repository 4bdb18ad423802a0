// SPDX-License-Identifier: Apache-2.0
import type { PeerProcess, ProcessFacts } from "@mayfly/attestation";
import { formatSelector } from "@mayfly/registration";
import {
  type BindTaskRequest,
  type BindTaskResponse,
  mayflyTicketsService,
  type RedeemTicketResponse,
  type RpcChannel,
  type Sent,
  StatusError,
} from "@mayfly/rpc";
import { isTaskId, type TaskId } from "@mayfly/tasks";
import { grpcCode } from "../grpc-code.ts";
import { describeError } from "../standing.ts";
import { waitFor } from "../wake.ts";
import { attestProcess } from "../workload-api/caller.ts";
import { denied, refuseTicket, unavailable } from "../workload-api/refusal.ts";
import type { WorkloadCall, WorkloadDeps } from "../workload-api/workload-deps.ts";
import type { BindingsKeeper } from "./bindings-keeper.ts";
import type { TicketLimit } from "./ticket-limit.ts";

/** What binding needs beside the rest. */
export interface BindTaskDeps extends WorkloadDeps {
  /** The channel to be used now; undefined while there is none. */
  readonly channel: () => RpcChannel | undefined;
  readonly limit: TicketLimit;
  readonly keeper: BindingsKeeper;
}

/** Printable ASCII; the server's are 43 characters. */
const ticketPattern = /^[\x21-\x7e]{1,128}$/;
const timeoutMs = 10_000;
/** The answer waits so long for the task to be in force here, so that the process can go on at once. */
const effectMs = 3000;

/**
 * Binds the calling process to the task of its ticket. Every ticket that is refused is refused alike.
 * @throws {StatusError} 7 TICKET_REFUSED, CALLER_CHANGED; 8 TOO_MANY_TICKETS; 9 ALREADY_BOUND; 12 TASKS_NOT_SUPPORTED; 14
 */
export async function bindTask(
  deps: BindTaskDeps,
  { ticket }: BindTaskRequest,
  call: WorkloadCall,
): Promise<Sent<BindTaskResponse>> {
  const { peer } = call;
  const facts = await seen(peer);
  if (deps.bindings.of(facts, deps.clock.now()) !== undefined) throw refuseTicket("ALREADY_BOUND");
  if (!deps.limit.take(peer.uid, performance.now())) throw refuseTicket("TOO_MANY_TICKETS");
  if (!ticketPattern.test(ticket)) throw refuseTicket("TICKET_REFUSED");
  const redeemed = await redeem(deps, { ticket, facts }, call);
  const taskId = redeemed.task_id;
  if (!isTaskId(taskId)) throw unavailable("TICKET_NOT_REDEEMED", "the server's answer names no task");
  deps.limit.giveBack(peer.uid);
  bind(deps, peer, { taskId, notAfter: new Date(Number(redeemed.not_after_ms)) });
  // Before the answer: who has it counts on the task, whatever becomes of this process of the agent.
  await deps.keeper.save();
  await inForce(deps, taskId, call.signal);
  const { spiffe_id, not_after_ms, tier } = redeemed;
  return { task_id: taskId, spiffe_id, not_after_ms, tier };
}

async function seen(peer: PeerProcess): Promise<ProcessFacts> {
  const facts = await peer.inspect();
  if (facts === undefined) throw denied("CALLER_CHANGED");
  return facts;
}

async function redeem(
  { channel, attestors, held, log, limit }: BindTaskDeps,
  { ticket, facts }: { readonly ticket: string; readonly facts: ProcessFacts },
  { signal, peer }: WorkloadCall,
): Promise<RedeemTicketResponse> {
  const current = channel();
  if (current === undefined) {
    limit.giveBack(peer.uid);
    throw unavailable("TICKET_NOT_REDEEMED", "the agent has no connection to its server");
  }
  const selectors = (await attestProcess(attestors, facts, held.selectorKinds)).map(formatSelector);
  try {
    return await current.unary(mayflyTicketsService.methods.RedeemTicket, { ticket, selectors }, { signal, timeoutMs });
  } catch (error) {
    signal.throwIfAborted();
    log.info("ticket_not_redeemed", { pid: peer.pid, uid: peer.uid, error: describeError(error) });
    throw refusalOf(error, () => limit.giveBack(peer.uid));
  }
}

const outages: readonly number[] = [
  grpcCode.unavailable,
  grpcCode.cancelled,
  grpcCode.deadlineExceeded,
  grpcCode.internal,
];

/** An outage says nothing about the ticket; every no of the server is the same one. */
function refusalOf(error: unknown, notRefused: () => void): StatusError {
  const code = error instanceof StatusError ? error.code : grpcCode.internal;
  if (code === grpcCode.unimplemented) {
    notRefused();
    return refuseTicket("TASKS_NOT_SUPPORTED");
  }
  if (!outages.includes(code)) return refuseTicket("TICKET_REFUSED");
  notRefused();
  return unavailable("TICKET_NOT_REDEEMED");
}

/** The process is looked at once more: the server took its time. */
function bind(
  { bindings, standing, log }: BindTaskDeps,
  peer: PeerProcess,
  task: { readonly taskId: TaskId; readonly notAfter: Date },
): void {
  const hold = peer.hold();
  if (hold === undefined) throw denied("CALLER_CHANGED");
  if (!bindings.bind(hold, task)) throw refuseTicket("ALREADY_BOUND");
  log.info("task_bound", { task_id: task.taskId, pid: peer.pid, uid: peer.uid });
  standing.changes.notify();
}

async function inForce({ tasks, standing, clock }: BindTaskDeps, taskId: TaskId, signal: AbortSignal): Promise<void> {
  const end = performance.now() + effectMs;
  for (let leftMs = effectMs; leftMs > 0; leftMs = end - performance.now()) {
    const changed = standing.changes.next;
    if (tasks.judge(taskId, clock.now()) === "active") return;
    await waitFor(changed, { signal, timeoutMs: Math.min(leftMs, 50) });
  }
}
