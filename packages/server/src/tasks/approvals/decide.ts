// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import type { DecideApprovalRequest } from "@mayfly/rpc";
import { type Approval, ApprovalError, decideApproval, type Vote } from "@mayfly/tasks";
import { notFound } from "../../rpc/wire/refusal.ts";
import { type Actor, maySee, notAllowed } from "../callers/actor.ts";
import { type Fact, recordText } from "../record/recorder.ts";
import { taskRefusal } from "../refusal.ts";
import type { TaskLayer } from "../task-layer.ts";

const maxAttempts = 8;

/** An approval that the actor may read. @throws {StatusError} NOT_FOUND, PERMISSION_DENIED code NOT_ALLOWED */
export async function requireApproval({ stores }: TaskLayer, actor: Actor, id: string): Promise<Approval> {
  const approval = await stores.approvals.get(id);
  if (approval === undefined) throw notFound(`there is no approval ${JSON.stringify(id)}`);
  if (maySee(actor, approval.request.agent)) return approval;
  throw notAllowed(`${actor.name} has no role over agent ${approval.request.agent}`);
}

/**
 * Takes one operator's signed vote. The signature says whose it is, not the connection; a vote that lost a race is judged again, and a
 * refused one is recorded too.
 * @throws {ApprovalError} of `decideApproval` @throws {StatusError}
 */
export async function decide(layer: TaskLayer, actor: Actor, request: DecideApprovalRequest): Promise<Approval> {
  if (actor.operator !== undefined && actor.operator.name !== request.operator) {
    throw notAllowed("an operator's connection brings that operator's votes only");
  }
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const approval = await requireApproval(layer, actor, request.id);
    const fact = factOf(approval, actor, request);
    const next = await judge(layer, approval, { request, fact });
    const written = await layer.recorder.around(fact, {
      stops: request.approve ? "act" : "nothing",
      act: async () => await layer.stores.approvals.replace(next),
      describe: (stored) => ({ result: stored === undefined ? "judged-again" : "done", state: stored?.state ?? "" }),
    });
    if (written !== undefined) return written;
  }
  throw taskRefusal(status.ABORTED, {
    code: "CHANGED_MEANWHILE",
    message: "the approval kept changing",
    hint: "try again",
  });
}

function factOf({ request }: Approval, actor: Actor, { operator, approve, why }: DecideApprovalRequest): Fact {
  return {
    kind: "approval",
    actor: recordText(operator).slice(0, 256) || actor.name,
    ...(actor.serial !== undefined && { serial: actor.serial }),
    task: request.taskId,
    approval: request.id,
    tool: `${request.server}/${request.tool}`,
    policy_digest: request.policyDigest,
    body: { act: approve ? "approve" : "deny", via: actor.name, why: recordText(why) },
  };
}

async function judge(
  layer: TaskLayer,
  approval: Approval,
  { request, fact }: { readonly request: DecideApprovalRequest; readonly fact: Fact },
): Promise<Approval> {
  const { operator, approve, signature } = request;
  const lineage = await layer.stores.tasks.lineage(approval.request.taskId);
  const vote: Vote = { operator, decision: approve ? "approve" : "deny", signature, at: layer.clock.now() };
  try {
    return decideApproval(approval, vote, { operators: await layer.stores.operators.list(), lineage });
  } catch (error) {
    if (error instanceof ApprovalError) {
      await layer.recorder.note({ ...fact, decision: "deny", body: { ...fact.body, code: error.code } });
    }
    throw error;
  }
}
