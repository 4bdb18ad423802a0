// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import type { RecordDecisionRequest } from "@mayfly/rpc";
import { isTaskId, tiers } from "@mayfly/tasks";
import { type Fact, recordText } from "../record/recorder.ts";
import { taskRefusal } from "../refusal.ts";
import type { TaskLayer } from "../task-layer.ts";

/** Where a decision went: its index in the record, or that it is one of many that are counted. */
export interface RecordedDecision {
  readonly recordIndex: number | undefined;
  readonly summed: boolean;
}

const kinds = ["list", "evaluation", "refused"] as const;
const maxText = 256;
const maxList = 256;
const maxSpiffeId = 2048;
const maxPolicyIds = 64;

/**
 * Records a decision that begins no call. Where the tier asks for a record before the act, and for tasks that nobody knows, it is durable
 * before the answer; lists and refusals above a task's burst are counted.
 * @throws {StatusError} INVALID_ARGUMENT, code DECISION_MALFORMED @throws {JournalError} LOG_UNAVAILABLE, LOG_BUSY
 */
export async function recordDecision(
  layer: TaskLayer,
  gateway: string,
  request: RecordDecisionRequest,
): Promise<RecordedDecision> {
  assertForm(request);
  const { recorder, live, decisionSums } = layer;
  const task = isTaskId(request.task_id) ? live.get(request.task_id) : undefined;
  const decision = { act: request.kind, actor: gateway, task: task?.id, allowed: request.allowed };
  // While the record can't be written nothing is counted on its behalf: it is tried, and refused.
  const isSummed = request.kind !== "evaluation" && recorder.isHealthy && decisionSums.count(decision);
  if (isSummed) return { recordIndex: undefined, summed: true };
  const fact = factOf(request, gateway);
  const isAhead = tiers[task?.tier ?? "T3"].audit === "write-ahead";
  const recordIndex = isAhead ? await recorder.event(fact) : await recorder.note(fact);
  return { recordIndex, summed: false };
}

function assertForm(request: RecordDecisionRequest): void {
  const { kind, task_id: taskId, reasons, shown, policy_ids: policyIds } = request;
  const texts = [request.server, request.tool, request.decision_id, ...reasons, ...shown, ...policyIds];
  const forms: readonly (readonly [name: string, isGood: boolean])[] = [
    ["kind", kinds.some((each) => each === kind)],
    ["task_id", taskId === "" || isTaskId(taskId)],
    ["svid_serial", /^[0-9a-f]{0,64}$/.test(request.svid_serial)],
    ["subject", Buffer.byteLength(request.subject) <= maxSpiffeId],
    ["a text of more than 256 characters", texts.every((text) => text.length <= maxText)],
    ["reasons", reasons.length <= maxList],
    ["shown", shown.length <= (kind === "list" ? maxList : 0)],
    ["arguments_digest", /^(?:hmac-sha256:[0-9a-f]{64})?$/.test(request.arguments_digest)],
    ["policy_digest", /^(?:sha256:[0-9a-f]{64})?$/.test(request.policy_digest)],
    ["policy_ids", policyIds.length <= maxPolicyIds],
    ["trace_id", /^(?:[0-9a-f]{32})?$/.test(request.trace_id)],
  ];
  const bad = forms.filter(([, isGood]) => !isGood).map(([name]) => name);
  if (bad.length === 0) return;
  const message = `the decision is not of its form: ${bad.join(", ")}`;
  throw taskRefusal(status.INVALID_ARGUMENT, { code: "DECISION_MALFORMED", message, hint: "" });
}

function factOf(request: RecordDecisionRequest, gateway: string): Fact {
  const tool = [request.server, request.tool].filter((part) => part !== "").join("/");
  return {
    kind: "decision",
    actor: gateway,
    decision: request.allowed ? "allow" : "deny",
    ...(request.task_id !== "" && { task: request.task_id }),
    ...(request.subject !== "" && { agent: recordText(request.subject) }),
    ...(request.svid_serial !== "" && { serial: request.svid_serial }),
    ...(tool !== "" && { tool: recordText(tool) }),
    ...(request.arguments_digest !== "" && { args_digest: request.arguments_digest }),
    ...(request.policy_digest !== "" && { policy_digest: request.policy_digest }),
    body: {
      act: request.kind,
      reasons: request.reasons.map(recordText),
      ...(request.kind === "list" && { shown: request.shown.map(recordText) }),
      policy_ids: request.policy_ids.map(recordText),
      decision_id: recordText(request.decision_id),
      trace_id: request.trace_id,
    },
  };
}
