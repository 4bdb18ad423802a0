// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { argumentsDigest } from "@mayfly/tasks";
import {
  type ApprovalMessage,
  type BeginCallRequest,
  type EndSummary,
  type GrantMessage,
  mayflyApprovalsService,
  mayflyCallsService,
  mayflyProfilesService,
  mayflyTasksService,
  reasonOf,
  type RpcChannel,
  type Sent,
  type StartTaskResponse,
  StatusError,
  type TaskMessage,
} from "@mayfly/rpc";
import { brokerId, gatewayId } from "./ids.ts";
import { type Identity, ServerUnderTest } from "../server-under-test.ts";

export const policyDigest = `sha256:${"ab".repeat(32)}`;

const orders = [
  { server: "orders", tool: "orders.query", effect: "read" },
  { server: "orders", tool: "orders.refund", effect: "irreversible", maxCalls: 7, approval: "over-limit" },
];
export const ordersScope: string = JSON.stringify({ tools: orders });

/** A person with a key. */
export interface Person {
  readonly name: string;
  readonly privateKey: KeyObject;
}

/** An OpenSSH line for an Ed25519 key. */
function sshLine(publicKey: KeyObject): string {
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const text = (bytes: Uint8Array): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  return `ssh-ed25519 ${Buffer.concat([text(Buffer.from("ssh-ed25519")), text(raw)]).toString("base64")}`;
}

/** Code of our reason in a refusal. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return reasonOf(error)?.code ?? `status ${String(error.code)}: ${error.message}`;
  }
  return "accepted";
}

/** A server with two operators, an agent profile, a node, a gateway and a broker. */
export class TaskWorld implements AsyncDisposable {
  readonly under: ServerUnderTest;
  readonly dana: Person;
  readonly lee: Person;
  readonly node: Identity;
  readonly gateway: RpcChannel;
  readonly broker: RpcChannel;

  private constructor(
    under: ServerUnderTest,
    people: { readonly dana: Person; readonly lee: Person },
    ids: { readonly node: Identity; readonly gateway: Identity; readonly broker: Identity },
  ) {
    this.under = under;
    this.dana = people.dana;
    this.lee = people.lee;
    this.node = ids.node;
    this.gateway = under.as(ids.gateway);
    this.broker = under.as(ids.broker);
  }

  /** `brokers`: those of the configuration beside the one that the world has. */
  static async start(tier: string = "T2", brokers: readonly string[] = []): Promise<TaskWorld> {
    const under = await ServerUnderTest.start({ gateways: [gatewayId], brokers: [brokerId, ...brokers] });
    const dana = await addOperator(under.admin, "dana", ["operator"]);
    const lee = await addOperator(under.admin, "lee", ["approver"]);
    const node = await under.agent();
    const world = new TaskWorld(
      under,
      { dana, lee },
      { node, gateway: await under.mint("/gateway", 600), broker: await under.mint("/broker", 600) },
    );
    await world.addProfile("ops/bot", tier);
    return world;
  }

  get admin(): RpcChannel {
    return this.under.admin;
  }

  async approver(name: string): Promise<Person> {
    return await addOperator(this.admin, name, ["approver"]);
  }

  async addProfile(name: string, tier: string, fields: object = {}): Promise<void> {
    await this.admin.unary(mayflyProfilesService.methods.CreateProfile, {
      name,
      owner: "dana",
      tier,
      ceiling_json: ordersScope,
      selectors: ["unix:uid:1000"],
      expires_at_ms: String(Date.now() + 24 * 3_600_000),
      ...fields,
    });
  }

  async startTask(fields: object = {}): Promise<TaskMessage & { readonly ticket: string }> {
    const { task, ticket }: StartTaskResponse = await this.admin.unary(mayflyTasksService.methods.StartTask, {
      agent: "ops/bot",
      owner: "dana",
      scope_json: ordersScope,
      ttl_seconds: "600",
      ...fields,
    });
    if (task === null) throw new Error("no task");
    return { ...task, ticket };
  }

  async task(id: string): Promise<TaskMessage> {
    const { task } = await this.admin.unary(mayflyTasksService.methods.GetTask, { id });
    if (task === null) throw new Error("no task");
    return task;
  }

  call(task: TaskMessage, fields: Sent<BeginCallRequest> = {}, args = '{"order":7}'): Sent<BeginCallRequest> {
    return {
      task_id: task.id,
      svid_serial: "c0ffee",
      server: "orders",
      tool: "orders.query",
      effect: "read",
      arguments_digest: `hmac-sha256:${"cd".repeat(32)}`,
      canonical_digest: argumentsDigest(args),
      policy_digest: policyDigest,
      policy_ids: ["orders"],
      decision_id: randomUUID(),
      task_revision: task.revision,
      ...fields,
    };
  }

  async begin(call: Sent<BeginCallRequest>): Promise<{ call_id: string; refusal: string; message: string }> {
    return await this.gateway.unary(mayflyCallsService.methods.BeginCall, call);
  }

  async finish(callId: string): Promise<void> {
    const request = { call_id: callId, outcome: "done", detail: "OK", duration_ms: 1.5 };
    await this.gateway.unary(mayflyCallsService.methods.FinishCall, request);
  }

  async askApproval(call: Sent<BeginCallRequest>, args: string): Promise<ApprovalMessage> {
    const asked = await this.gateway.unary(mayflyCallsService.methods.RequestApproval, {
      call,
      arguments_json: args,
      ttl_seconds: "300",
    });
    return await this.admin.unary(mayflyApprovalsService.methods.GetApproval, { id: asked.approval_id });
  }

  async decide(approval: ApprovalMessage, { name, privateKey }: Person, approve = true): Promise<ApprovalMessage> {
    const payload = approve ? approval.payload : approval.deny_payload;
    const signature = sign(null, Buffer.from(payload), privateKey).toString("base64");
    const request = { id: approval.id, operator: name, approve, signature, why: "looked at it" };
    return await this.admin.unary(mayflyApprovalsService.methods.DecideApproval, request);
  }

  async end(
    id: string,
    reason = "completed",
  ): Promise<{ readonly grants: readonly GrantMessage[]; readonly summary: EndSummary; readonly ms: number }> {
    const started = performance.now();
    const grants: GrantMessage[] = [];
    for await (const { grant, summary } of this.admin.serverStream(mayflyTasksService.methods.EndTask, {
      id,
      reason,
    })) {
      if (grant) grants.push(grant);
      if (summary) return { grants, summary, ms: performance.now() - started };
    }
    throw new Error("no summary");
  }

  /** A child of a task, asked for under the task's own SVID. */
  async startChild(parent: TaskMessage, fields: object = {}): Promise<TaskMessage> {
    const { task } = await (await this.asTask(parent)).unary(mayflyTasksService.methods.StartChild, {
      scope_json: JSON.stringify({ tools: orders.slice(0, 1) }),
      ttl_seconds: String(300 - 60 * parent.depth),
      ...fields,
    });
    if (task === null) throw new Error("no task");
    return task;
  }

  /** Whoever holds an SVID of the task. */
  async asTask({ spiffe_id: id }: TaskMessage): Promise<RpcChannel> {
    return this.under.as(await this.under.mint(new URL(id).pathname, 300));
  }

  async kill(kind: string, what: string): Promise<EndSummary> {
    const request = { kind, what, why: "test" };
    for await (const { summary } of this.admin.serverStream(mayflyTasksService.methods.Kill, request)) {
      if (summary) return summary;
    }
    throw new Error("no summary");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.under[Symbol.asyncDispose]();
  }
}

export async function addOperator(
  admin: RpcChannel,
  name: string,
  roles: readonly string[],
  fields: object = {},
): Promise<Person> {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  await admin.unary(mayflyProfilesService.methods.CreateOperator, {
    name,
    keys: [sshLine(publicKey)],
    roles: roles.map((role) => ({ role, prefix: "/" })),
    ...fields,
  });
  return { name, privateKey };
}

/** Waits until something is so. */
export async function until(what: () => boolean | Promise<boolean>, timeoutMs = 5000): Promise<number> {
  const started = performance.now();
  while (!(await what())) {
    if (performance.now() - started > timeoutMs) throw new Error("it did not come");
    await sleep(10);
  }
  return performance.now() - started;
}
