// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, randomBytes, randomUUID, sign } from "node:crypto";
import { TrustDomain } from "@mayfly/spiffe";
import {
  type AgentProfile,
  type Approval,
  approvalPayload,
  createApproval,
  createTaskId,
  createTaskIdentity,
  decideApproval,
  type Evidence,
  type Grant,
  type Operator,
  parseOperator,
  parseProfile,
  spendApproval,
  startTask,
  type ApprovalUse,
  type Task,
  type TaskIdentity,
} from "@mayfly/tasks";
import { expect } from "vitest";
import { contractTrustDomain } from "./stores.ts";
import { now } from "./samples.ts";
import type { TaskStores } from "./task-stores.ts";

/** `now` and some seconds. */
export const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);

/** SPIFFE ID of the broker that the samples' grants are at. */
export const broker = "spiffe://example.org/broker";

/** How a broker proves that a lease is gone. */
export const evidence: Evidence = {
  by: broker,
  at: now,
  method: "login-refused",
  detail: { sessions: 0, dropped: true },
};

/** Expects an outcome; gives the result as the type that goes with it. */
export function expectOutcome<Result extends { readonly outcome: string }, Outcome extends Result["outcome"]>(
  result: Result,
  outcome: Outcome,
): Extract<Result, { readonly outcome: Outcome }> {
  expect(result.outcome).toBe(outcome);
  return result as Extract<Result, { readonly outcome: Outcome }>;
}

/** A profile that allows two tools; differs from every other by name. */
export function newProfile(fields: Partial<AgentProfile> = {}): AgentProfile {
  const profile = parseProfile({
    name: `bot-${randomBytes(4).toString("hex")}`,
    owner: "dana",
    backup: "lee",
    tier: "T2",
    ceiling: {
      tools: [
        { server: "orders", tool: "query", effect: "read", maxCalls: 3 },
        {
          server: "orders",
          tool: "refund",
          effect: "irreversible",
          resources: { prefix: "orders/eu" },
          arguments: { amount: { min: 0, max: 50 }, ["__proto__"]: { maxLength: 3 } },
          notAfter: "2026-12-01T00:00:00.000Z",
          approval: "over-limit",
        },
      ],
    },
    selectors: ["unix:uid:1000", "unix:path:/bin/bot"],
    parentId: "spiffe://example.org/spire/agent/a",
    expiresAt: "2027-01-01T00:00:00.000Z",
  });
  return { ...profile, ...fields };
}

/** An operator with a key, and how they sign. */
export function newOperator(name: string): {
  readonly operator: Operator;
  readonly approve: (approval: Approval) => string;
} {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = Buffer.from(String(publicKey.export({ format: "jwk" }).x), "base64url");
  const parts = [Buffer.from("ssh-ed25519"), raw].map((part) =>
    Buffer.concat([Buffer.from([0, 0, 0, part.length]), part]),
  );
  const operator = parseOperator({
    name,
    aliases: [`${name}@example.org`],
    spiffeIds: [`spiffe://example.org/user/${name}`],
    keys: [`ssh-ed25519 ${Buffer.concat(parts).toString("base64")}`],
    roles: [{ role: "approver", prefix: "/" }],
  });
  return {
    operator,
    approve: ({ request }) => sign(null, approvalPayload(request, "approve"), privateKey).toString("base64"),
  };
}

/** An active root task of a profile, not stored yet, until ten minutes after `now`. */
export function newTask(profile: AgentProfile, fields: Partial<Task> = {}): Task {
  const request = {
    id: createTaskId(randomBytes(10)),
    scope: profile.ceiling,
    notAfter: later(600.5),
    requestedBy: "dana",
    owner: "dana",
  };
  return { ...startTask(profile, request, now), ...fields };
}

/** A child of a stored task, not stored yet. */
export function newChild(parent: Task, profile: AgentProfile, fields: Partial<Task> = {}): Task {
  const { id: parentId, rootId, depth } = parent;
  return newTask(profile, { parentId, rootId, depth: depth + 1, requestedBy: "spiffe://example.org/x", ...fields });
}

/** The identity of a task, under an entry id of its own. */
export function identityOf(task: Task, profile: AgentProfile): TaskIdentity {
  const trustDomain = TrustDomain.parse(contractTrustDomain);
  return createTaskIdentity(task, profile, {
    trustDomain,
    entryId: randomUUID(),
    parentId: profile.parentId ?? broker,
  });
}

/** Stores a profile; gives what is stored. */
export async function storedProfile(stores: TaskStores, profile: AgentProfile = newProfile()): Promise<AgentProfile> {
  const written = await stores.profiles.create(profile);
  return written.outcome === "written" ? written.value : expect.fail(`the profile was not written: ${written.outcome}`);
}

/** Stores a task; gives what is stored, and its identity. */
export async function storedTask(
  stores: TaskStores,
  profile: AgentProfile,
  options: { readonly task?: Task; readonly parent?: Task } = {},
): Promise<{ readonly task: Task; readonly identity: TaskIdentity }> {
  const { parent, task = parent ? newChild(parent, profile) : newTask(profile) } = options;
  const identity = identityOf(task, profile);
  const guard = { profile, ...(parent && { parent: { id: parent.id, revision: parent.revision, maxChildren: 9 } }) };
  const created = expectOutcome(await stores.tasks.create(task, identity, guard, now), "created");
  return { task: created.task, identity };
}

/** A lease of a task, not stored yet. */
export function newGrant(task: Task, fields: Partial<Grant> = {}): Grant {
  return {
    id: randomUUID(),
    taskId: task.id,
    kind: "lease",
    guard: broker,
    ref: `role-${randomBytes(4).toString("hex")}`,
    notAfter: later(300),
    renewable: true,
    state: "live",
    revision: 0,
    ...fields,
  };
}

/** A pending approval for a call of a task, not stored yet. */
export function newApproval(task: Task, approvers = 1): Approval {
  const request = {
    id: randomUUID(),
    taskId: task.id,
    agent: task.agent,
    server: "orders",
    tool: "refund",
    policyDigest: "sha-256:00",
    requestedAt: now,
    notAfter: later(300),
    nonce: randomBytes(16).toString("hex"),
    requester: `spiffe://example.org/agent/${task.agent}/task/${task.id}`,
    owner: task.owner,
    approvers,
  };
  return createApproval(request, '{"amount":4000,"note":"a\\u0000b 😀"}');
}

const dana = newOperator("dana");
const lee = newOperator("lee");

/** Stores an approval of a task that one operator approved; gives its use, judged now, by the call that `callId` names. */
export async function approvedUse(stores: TaskStores, task: Task): Promise<(callId: string) => ApprovalUse> {
  await stores.operators.create(dana.operator);
  await stores.operators.create(lee.operator);
  const created = expectOutcome(await stores.approvals.create(newApproval(task)), "created");
  const facts = { operators: await stores.operators.list(), lineage: await stores.tasks.lineage(task.id) };
  const vote = { operator: "lee", decision: "approve", signature: lee.approve(created.approval), at: now } as const;
  const approved = await stores.approvals.replace(decideApproval(created.approval, vote, facts));
  if (approved === undefined) return expect.fail("the vote was not stored");
  return (callId) => spendApproval(approved, { ...approved.request, callId, at: now }, facts);
}
