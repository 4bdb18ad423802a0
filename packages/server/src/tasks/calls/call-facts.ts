// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import type { BeginCallRequest } from "@mayfly/rpc";
import { type ApprovedCall, type Effect, parseTaskId, type TaskId } from "@mayfly/tasks";
import { invalidArgument } from "../../rpc/wire/refusal.ts";
import { type Fact, recordText } from "../record/recorder.ts";
import { taskRefusal } from "../refusal.ts";

/** A call as a gateway states it, checked in its form. */
export interface CallFacts {
  readonly taskId: TaskId;
  readonly taskRevision: number;
  readonly serial: string;
  readonly server: string;
  readonly tool: string;
  readonly effect: Effect;
  /** Keyed: for the record. */
  readonly argumentsDigest: string;
  /** What approvals bind; never recorded. */
  readonly canonicalDigest: string;
  readonly policyDigest: string;
  readonly policyIds: readonly string[];
  readonly approvalId: string;
  readonly traceId: string;
  readonly decisionId: string;
}

const effects: readonly Effect[] = ["read", "reversible", "irreversible"];
const idForm = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;
const maxPolicyIds = 64;

/** @throws {StatusError} INVALID_ARGUMENT, code CALL_MALFORMED @throws {TaskError} BAD_TASK_ID */
export function parseCall(request: BeginCallRequest | null): CallFacts {
  if (request === null) throw invalidArgument("missing call");
  const effect = effects.find((each) => each === request.effect);
  const forms: readonly (readonly [name: string, isGood: boolean])[] = [
    ["svid_serial", /^[0-9a-f]{1,64}$/.test(request.svid_serial)],
    ["server", /^[a-z0-9][a-z0-9._-]{0,62}$/.test(request.server)],
    ["tool", /^[A-Za-z0-9_./-]{1,128}$/.test(request.tool)],
    ["effect", effect !== undefined],
    ["arguments_digest", /^hmac-sha256:[0-9a-f]{64}$/.test(request.arguments_digest)],
    ["canonical_digest", /^sha-256:[0-9a-f]{64}$/.test(request.canonical_digest)],
    ["policy_digest", /^sha256:[0-9a-f]{64}$/.test(request.policy_digest)],
    ["policy_ids", request.policy_ids.length <= maxPolicyIds],
    ["approval_id", request.approval_id === "" || idForm.test(request.approval_id)],
    ["decision_id", request.decision_id === "" || idForm.test(request.decision_id)],
    ["trace_id", /^(?:[0-9a-f]{32})?$/.test(request.trace_id)],
  ];
  const bad = forms.filter(([, isGood]) => !isGood).map(([name]) => name);
  if (bad.length > 0 || effect === undefined) {
    const message = `the call is not of its form: ${bad.join(", ")}`;
    throw taskRefusal(status.INVALID_ARGUMENT, { code: "CALL_MALFORMED", message, hint: "" });
  }
  return {
    taskId: parseTaskId(request.task_id),
    taskRevision: Number(request.task_revision),
    serial: request.svid_serial,
    server: request.server,
    tool: request.tool,
    effect,
    argumentsDigest: request.arguments_digest,
    canonicalDigest: request.canonical_digest,
    policyDigest: request.policy_digest,
    policyIds: request.policy_ids.map(recordText),
    approvalId: request.approval_id,
    traceId: request.trace_id,
    decisionId: request.decision_id,
  };
}

/** What the record says of a call in each of its phases: no argument, no digest that could be guessed at. */
export function callFact(call: CallFacts, gateway: string): Fact {
  return {
    kind: "call",
    actor: gateway,
    task: call.taskId,
    serial: call.serial,
    tool: `${call.server}/${call.tool}`,
    args_digest: call.argumentsDigest,
    policy_digest: call.policyDigest,
    ...(call.approvalId !== "" && { approval: call.approvalId }),
    body: {
      effect: call.effect,
      policy_ids: call.policyIds,
      decision_id: call.decisionId,
      trace_id: call.traceId,
    },
  };
}

/** As approvals are held against it. */
export function approvedCall(call: CallFacts, callId: string, at: Date): ApprovedCall {
  return {
    callId,
    taskId: call.taskId,
    server: call.server,
    tool: call.tool,
    argumentsDigest: call.canonicalDigest,
    policyDigest: call.policyDigest,
    at,
  };
}
