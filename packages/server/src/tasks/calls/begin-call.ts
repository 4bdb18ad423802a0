// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from "node:crypto";
import { JournalError } from "@mayfly/journal";
import type { BeginCallRequest } from "@mayfly/rpc";
import { ApprovalError, type ApprovalUse, countersOf, spendApproval, type Task, tiers } from "@mayfly/tasks";
import type { TaskLayer } from "../task-layer.ts";
import { approvedCall, callFact, type CallFacts, parseCall } from "./call-facts.ts";
import { refuseByTask } from "./refuse-by-task.ts";

/** The call may be made, or why not; the codes are stable. */
export type BegunCall =
  | { readonly callId: string; readonly recordIndex: number | undefined }
  | { readonly refusal: string; readonly message: string };

interface Judged {
  readonly task: Task;
  readonly lineage: readonly Task[];
  readonly use: ApprovalUse | undefined;
}

type Verdict = Judged | { readonly refusal: string; readonly message: string };

/** How often a call is judged anew when what it was judged by changed before it was taken. */
const maxAttempts = 4;

/**
 * Judges a call by what is known now, makes its intent durable, then takes budget and approval in one compare-and-set: of any number at
 * once exactly as many pass as there is left. Every refusal is recorded before it is answered.
 * @throws {StatusError} INVALID_ARGUMENT @throws {TaskError} BAD_TASK_ID
 */
export async function beginCall(layer: TaskLayer, gateway: string, request: BeginCallRequest): Promise<BegunCall> {
  const call = parseCall(request);
  const callId = `c-${randomUUID()}`;
  const first = recall(layer, call) ?? (await judge(layer, call, callId));
  if ("refusal" in first) return await deny(layer, gateway, { call, ...first });
  const intent = layer.recorder.intent(callId, { ...callFact(call, gateway), decision: "allow" });
  // At a tier whose record is not written ahead the call goes on without it: what can't be recorded is an alarm.
  const recorded = intent.catch(() => undefined);
  layer.openCalls.begun(callId, { ...call, guard: gateway }, recorded);
  const take = (): ReturnType<typeof takeIt> => takeIt(layer, gateway, { call, callId, first });
  // What spends nothing is written beside its intent: should that fail, there is nothing to give back.
  const early = spendsNothing(call, first) ? take() : undefined;
  early?.catch(() => undefined);
  try {
    if (tiers[first.task.tier].audit === "write-ahead") await intent;
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    if (early !== undefined && (await early) === undefined) await layer.openCalls.abandon(callId);
    layer.openCalls.forget(callId);
    return { refusal: "RECORD_UNAVAILABLE", message: "the call can't be recorded, so that it may not be made" };
  }
  const refused = await (early ?? take());
  const recordIndex = await recorded;
  if (refused === undefined) return { callId, recordIndex };
  const body = { result: "refused", code: refused.refusal };
  await layer.recorder.outcome(callId, { ...callFact(call, gateway), body });
  return refused;
}

/** A yes from memory, which the store is asked to confirm when the call is taken; undefined = look there first. */
function recall({ live, clock }: TaskLayer, call: CallFacts): Judged | undefined {
  const lineage = live.lineage(call.taskId);
  const [task] = lineage;
  if (task === undefined || call.approvalId !== "" || refuseByTask(task, call, clock.now()) !== undefined)
    return undefined;
  return { task, lineage, use: undefined };
}

function spendsNothing(call: CallFacts, { lineage, use }: Judged): boolean {
  return use === undefined && countersOf(call, lineage).length === 0;
}

async function judge(layer: TaskLayer, call: CallFacts, callId: string): Promise<Verdict> {
  const { stores, clock } = layer;
  const now = clock.now();
  const lineage = await stores.tasks.lineage(call.taskId);
  const [task] = lineage;
  if (task === undefined) return { refusal: "TASK_NOT_ACTIVE", message: "there is no such task" };
  const refused = refuseByTask(task, call, now);
  if (refused !== undefined) return refused;
  if (call.approvalId === "") return { task, lineage, use: undefined };
  const approval = await stores.approvals.get(call.approvalId);
  if (approval === undefined) return { refusal: "APPROVAL_MISSING", message: "there is no such approval" };
  try {
    const facts = { operators: await stores.operators.list(), lineage };
    return { task, lineage, use: spendApproval(approval, approvedCall(call, callId, now), facts) };
  } catch (error) {
    if (error instanceof ApprovalError) return { refusal: error.code, message: error.message };
    throw error;
  }
}

/** Why it was not taken; undefined = taken. */
async function takeIt(
  layer: TaskLayer,
  gateway: string,
  { call, callId, first }: { readonly call: CallFacts; readonly callId: string; readonly first: Judged },
): Promise<{ readonly refusal: string; readonly message: string } | undefined> {
  try {
    const refused = await tryToTake(layer, gateway, { call, callId, first });
    if (refused !== undefined) layer.openCalls.forget(callId);
    return refused;
  } catch (error) {
    layer.openCalls.forget(callId);
    throw error;
  }
}

async function tryToTake(
  layer: TaskLayer,
  gateway: string,
  { call, callId, first }: { readonly call: CallFacts; readonly callId: string; readonly first: Judged },
): ReturnType<typeof takeIt> {
  let verdict: Verdict = first;
  for (let attempt = 0; attempt < maxAttempts && !("refusal" in verdict); attempt += 1) {
    const { task, lineage, use } = verdict;
    const taken = await layer.stores.budgets.take({
      callId,
      taskId: task.id,
      taskRevision: task.revision,
      server: call.server,
      tool: call.tool,
      guard: gateway,
      counters: countersOf(call, lineage),
      ...(use && { use }),
      at: layer.clock.now(),
    });
    if (taken.outcome === "taken") return undefined;
    if (taken.outcome === "budget-spent") {
      const { maxCalls, taskId } = taken.counter;
      const message = `all ${String(maxCalls)} calls of ${call.server}/${call.tool} in task ${taskId} are made`;
      return { refusal: "BUDGET_SPENT", message };
    }
    verdict = await judge(layer, call, callId);
  }
  if ("refusal" in verdict) return verdict;
  return { refusal: "CHANGED_MEANWHILE", message: "the task or the approval kept changing: try again" };
}

async function deny(
  { recorder }: TaskLayer,
  gateway: string,
  { call, refusal, message }: { readonly call: CallFacts; readonly refusal: string; readonly message: string },
): Promise<BegunCall> {
  const fact = callFact(call, gateway);
  await recorder.note({ ...fact, kind: "decision", decision: "deny", body: { ...fact.body, code: refusal } });
  return { refusal, message };
}
