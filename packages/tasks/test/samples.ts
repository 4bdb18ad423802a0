// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import {
  type AgentProfile,
  type Approval,
  type ApprovalRequest,
  approvalPayload,
  createApproval,
  createTaskId,
  type Operator,
  parseOperator,
  parseProfile,
  startTask,
  type Task,
  type TaskId,
  type Vote,
  type VoteDecision,
} from "../src/index.ts";

export const now: Date = new Date("2026-11-25T12:00:00Z");
export const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);
export const newId = (): TaskId => createTaskId(randomBytes(10));

/** A person with a key of their own. */
export interface Person {
  readonly operator: Operator;
  readonly privateKey: KeyObject;
  vote(request: ApprovalRequest, decision?: VoteDecision, at?: Date): Vote;
}

function keyLine(publicKey: KeyObject): string {
  const raw = Buffer.from(String(publicKey.export({ format: "jwk" }).x), "base64url");
  const part = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  return `ssh-ed25519 ${Buffer.concat([part(Buffer.from("ssh-ed25519")), part(raw)]).toString("base64")}`;
}

export function person(name: string, fields: Partial<Operator> = {}): Person {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const roles = [{ role: "approver", prefix: "/" }];
  const operator = { ...parseOperator({ name, keys: [keyLine(publicKey)], roles }), ...fields };
  return {
    operator,
    privateKey,
    vote: (request, decision = "approve", at = now) => {
      const signature = sign(null, approvalPayload(request, decision), privateKey).toString("base64");
      return { operator: name, decision, signature, at };
    },
  };
}

export function profile(fields: Readonly<Record<string, unknown>> = {}): AgentProfile {
  return parseProfile({
    name: "ir-bot",
    owner: "dana",
    tier: "T2",
    ceiling: {
      tools: [
        { server: "orders", tool: "query", effect: "read" },
        {
          server: "orders",
          tool: "refund",
          effect: "irreversible",
          arguments: { amount: { min: 0, max: 50 } },
          approval: "over-limit",
        },
      ],
    },
    selectors: ["unix:uid:1000"],
    expiresAt: "2027-01-01T00:00:00Z",
    ...fields,
  });
}

export function task(fields: Partial<Task> = {}): Task {
  const { ceiling } = profile();
  const request = { id: newId(), scope: ceiling, notAfter: later(600), requestedBy: "dana", owner: "dana" };
  const started = startTask(profile(), request, now);
  return { ...started, ...fields, rootId: fields.rootId ?? fields.id ?? started.id };
}

export function approval(own: Task, fields: Partial<ApprovalRequest> = {}): Approval {
  const request = {
    id: `a-${randomBytes(6).toString("hex")}`,
    taskId: own.id,
    agent: own.agent,
    server: "orders",
    tool: "refund",
    policyDigest: `sha-256:${"b".repeat(64)}`,
    requestedAt: now,
    notAfter: later(300),
    nonce: randomBytes(16).toString("hex"),
    requester: `spiffe://example.org/agent/${own.agent}/task/${own.id}`,
    owner: own.owner,
    approvers: 1,
    ...fields,
  };
  return { ...createApproval(request, '{"amount":4000}'), revision: 1 };
}
