// SPDX-License-Identifier: Apache-2.0
import { randomBytes, randomUUID } from "node:crypto";
import { status } from "@grpc/grpc-js";
import { canonicalJson } from "@mayfly/journal";
import type { RequestApprovalRequest } from "@mayfly/rpc";
import { TrustDomain } from "@mayfly/spiffe";
import { type Approval, argumentsDigest, createApproval, type Task, taskSpiffeId, tiers } from "@mayfly/tasks";
import { invalidArgument } from "../../rpc/wire/refusal.ts";
import { requireTask } from "../lifecycle/find-task.ts";
import { taskRefusal } from "../refusal.ts";
import type { TaskLayer } from "../task-layer.ts";
import { callFact, type CallFacts, parseCall } from "./call-facts.ts";
import { refuseByTask } from "./refuse-by-task.ts";

const defaultTtlSeconds = 600;
const maxTtlSeconds = 3600;
const maxArgumentsBytes = 16_384;
/** Of one task: nobody reads more, and an agent in a loop must not bury what others ask for. */
const maxOpen = 32;

/**
 * Asks people about one exact call; asking again gives the request that is open. What the approver is shown are the call's own arguments,
 * which must have the digest that the approval binds.
 * @throws {StatusError} INVALID_ARGUMENT; FAILED_PRECONDITION with the code of the refusal; RESOURCE_EXHAUSTED, code TOO_MANY_APPROVALS
 * @throws {ApprovalError} REQUEST_INVALID
 */
export async function requestApproval(
  layer: TaskLayer,
  gateway: string,
  request: RequestApprovalRequest,
): Promise<Approval> {
  const call = parseCall(request.call);
  assertCanonical(request.arguments_json, call);
  const task = await requireTask(layer, call.taskId);
  // Only what is asked for is left out: the approval itself.
  const refused = refuseByTask(task, { ...call, approvalId: "asked-for" }, layer.clock.now());
  if (refused !== undefined) {
    throw taskRefusal(status.FAILED_PRECONDITION, { code: refused.refusal, message: refused.message, hint: "" });
  }
  const open = await openApprovals(layer, task);
  const same = open.find((each) => isSame(each, call));
  if (same !== undefined) return same;
  if (open.length >= maxOpen) throw tooMany(task);
  return await ask(layer, gateway, { call, task, request });
}

/** Of a task, neither used nor over. */
async function openApprovals({ stores, clock }: TaskLayer, { id: taskId }: Task): Promise<readonly Approval[]> {
  const states = ["pending", "approved"] as const;
  const lists = await Promise.all(states.map((state) => stores.approvals.list({ taskId, state })));
  return lists.flat().filter(({ request }) => clock.now() < request.notAfter);
}

function tooMany({ id }: Task): Error {
  return taskRefusal(status.RESOURCE_EXHAUSTED, {
    code: "TOO_MANY_APPROVALS",
    message: `${String(maxOpen)} calls of task ${id} wait for people, or for the call that they approved`,
    hint: "decide on some of them first: mayfly approval list",
  });
}

function assertCanonical(json: string, { canonicalDigest }: CallFacts): void {
  if (Buffer.byteLength(json) > maxArgumentsBytes) throw invalidArgument("the arguments are too large to be shown");
  let canonical: string;
  try {
    canonical = canonicalJson(JSON.parse(json));
  } catch (cause) {
    throw invalidArgument("arguments_json is no JSON", { cause });
  }
  if (canonical !== json) throw invalidArgument("arguments_json is not canonical (RFC 8785)");
  if (argumentsDigest(json) !== canonicalDigest)
    throw invalidArgument("arguments_json does not have the call's digest");
}

/** The same call under the same policy. */
function isSame({ request }: Approval, call: CallFacts): boolean {
  return (
    request.server === call.server &&
    request.tool === call.tool &&
    request.argumentsDigest === call.canonicalDigest &&
    request.policyDigest === call.policyDigest
  );
}

async function ask(
  layer: TaskLayer,
  gateway: string,
  { call, task, request }: { readonly call: CallFacts; readonly task: Task; readonly request: RequestApprovalRequest },
): Promise<Approval> {
  const { clock, recorder, stores, trustDomain } = layer;
  const requestedAt = clock.now();
  const ttlSeconds = Math.min(Number(request.ttl_seconds) || defaultTtlSeconds, maxTtlSeconds);
  const approval = createApproval(
    {
      id: `a-${randomUUID()}`,
      taskId: task.id,
      agent: task.agent,
      server: call.server,
      tool: call.tool,
      policyDigest: call.policyDigest,
      requestedAt,
      notAfter: new Date(Math.min(requestedAt.getTime() + ttlSeconds * 1000, task.notAfter.getTime())),
      nonce: randomBytes(24).toString("base64url"),
      requester: taskSpiffeId(TrustDomain.parse(trustDomain), task.agent, task.id).toString(),
      owner: task.owner,
      approvers: tiers[task.tier].approvers,
    },
    request.arguments_json,
  );
  const fact = callFact({ ...call, approvalId: approval.request.id }, gateway);
  return await recorder.around(
    { ...fact, kind: "approval", body: { ...fact.body, act: "request", approvers: approval.request.approvers } },
    {
      stops: "act",
      act: async () => {
        const created = await stores.approvals.create(approval);
        if (created.outcome !== "task-not-active") return created.approval;
        throw taskRefusal(status.FAILED_PRECONDITION, {
          code: "TASK_NOT_ACTIVE",
          message: `task ${task.id} is not active`,
          hint: "resume the task, or start a new one",
        });
      },
      describe: ({ state }) => ({ state }),
    },
  );
}
