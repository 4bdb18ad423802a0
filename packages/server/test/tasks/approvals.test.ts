// SPDX-License-Identifier: Apache-2.0
import { sign } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type ApprovalMessage,
  mayflyApprovalsService,
  mayflyCallsService,
  mayflyProfilesService,
  mayflyTasksService,
  type TaskMessage,
} from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ExportedLog } from "./exported-log.ts";
import { addOperator, codeOf, policyDigest, TaskWorld } from "./task-world.ts";

const args = '{"amount":4000}';
const refund = { tool: "orders.refund", effect: "irreversible" };

describe("approvals over the wire", () => {
  let world: TaskWorld;
  beforeAll(async () => {
    world = await TaskWorld.start();
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  async function asked(): Promise<{ readonly task: TaskMessage; readonly approval: ApprovalMessage }> {
    const task = await world.startTask();
    return { task, approval: await world.askApproval(world.call(task, refund, args), args) };
  }

  async function use(task: TaskMessage, approval: ApprovalMessage, fields: object = {}, shown = args): Promise<string> {
    const call = world.call(task, { ...refund, approval_id: approval.id, ...fields }, shown);
    return (await world.begin(call)).refusal;
  }

  it("APR-D01: who owns or asked for the task can't approve, whatever roles they have", async () => {
    const kim = await addOperator(world.admin, "kim", ["operator", "approver"]);
    const task = await world.startTask({ owner: "kim" });
    const approval = await world.askApproval(world.call(task, refund, args), args);
    expect(await codeOf(world.decide(approval, kim))).toMatch(/^APPROVER_IS_(OWNER|REQUESTER)$/);
    expect(await codeOf(world.decide(approval, { ...kim, name: "Kim" }))).toBe("OPERATOR_UNKNOWN");
    expect(await codeOf(world.decide(approval, { ...kim, name: "lee" }))).toBe("BAD_SIGNATURE");
    expect(await use(task, approval)).toBe("APPROVAL_MISSING");
  });

  it("APR-D01: the same key under a second name is one person, and can't be registered", async () => {
    const { operators } = await world.admin.unary(mayflyProfilesService.methods.ListOperators, {});
    const keys = operators.find(({ name }) => name === "lee")?.keys ?? [];
    const twin = world.admin.unary(mayflyProfilesService.methods.CreateOperator, {
      name: "lee2",
      keys,
      roles: [{ role: "approver", prefix: "/" }],
    });
    expect(await codeOf(twin)).toBe("OPERATOR_CONFLICT");
  });

  it("APR-D02: an approval is of no use for other arguments, another tool, another policy, another task", async () => {
    const { task, approval } = await asked();
    await world.decide(approval, world.lee);
    expect(await use(task, approval, {}, '{"amount":4001}')).toBe("CALL_CHANGED");
    expect(await use(task, approval, { tool: "orders.query", effect: "read" })).toBe("CALL_CHANGED");
    expect(await use(task, approval, { policy_digest: policyDigest.replaceAll("ab", "cd") })).toBe("POLICY_CHANGED");
    expect(await use(await world.startTask(), approval)).toBe("CALL_CHANGED");
    expect(await use(task, approval)).toBe("");
  });

  it("APR-D02: what an approver is shown must be what the call has", async () => {
    const task = await world.startTask();
    const request = { call: world.call(task, refund, args), arguments_json: '{"amount":1}', ttl_seconds: "60" };
    const shown = world.gateway.unary(mayflyCallsService.methods.RequestApproval, request);
    expect(await codeOf(shown)).toContain("does not have the call's digest");
  });

  it("APR-D03: a second use is refused", async () => {
    const { task, approval } = await asked();
    await world.decide(approval, world.lee);
    expect(await use(task, approval)).toBe("");
    expect(await use(task, approval)).toBe("APPROVAL_CONSUMED");
  });

  it("APR-D04: it is judged again when it is used: an approver who was suspended, a task that was held", async () => {
    const pat = await world.approver("pat");
    const { task, approval } = await asked();
    await world.decide(approval, pat);
    await world.admin.unary(mayflyProfilesService.methods.ChangeOperator, { name: "pat", change: "suspend" });
    expect(await use(task, approval)).toBe("OPERATOR_NOT_ACTIVE");
    const second = await asked();
    await world.decide(second.approval, world.lee);
    await world.admin.unary(mayflyTasksService.methods.SuspendTask, { id: second.task.id });
    await world.admin.unary(mayflyTasksService.methods.ResumeTask, { id: second.task.id });
    expect(await use(await world.task(second.task.id), second.approval)).toBe("APPROVAL_VOID");
  });

  it("APR-D06: a denial after the approval and before the use wins", async () => {
    const { task, approval } = await asked();
    await world.decide(approval, world.lee);
    const sam = await world.approver("sam");
    expect(await world.decide(approval, sam, false)).toMatchObject({ state: "denied" });
    expect(await use(task, approval)).toBe("APPROVAL_DENIED");
  });

  it("APR-D08: no jump from pending to used, none out of an end", async () => {
    const { task, approval } = await asked();
    expect(await use(task, approval)).toBe("APPROVAL_MISSING");
    await world.end(task.id, "cancelled");
    expect(await codeOf(world.decide(approval, world.lee))).toBe("TASK_NOT_ACTIVE");
    const state = await world.admin.unary(mayflyApprovalsService.methods.GetApproval, { id: approval.id });
    expect(state).toMatchObject({ state: "void" });
  });

  it("APR-D08: a signed denial can't be handed in as an approval", async () => {
    const { approval } = await asked();
    const signature = sign(null, Buffer.from(approval.deny_payload), world.lee.privateKey).toString("base64");
    const request = { id: approval.id, operator: "lee", approve: true, signature, why: "" };
    expect(await codeOf(world.admin.unary(mayflyApprovalsService.methods.DecideApproval, request))).toBe(
      "BAD_SIGNATURE",
    );
  });

  it("APR-D09: at T3 one person who approves twice is one person", async () => {
    await world.addProfile("ops/incident", "T3");
    const task = await world.startTask({ agent: "ops/incident" });
    const approval = await world.askApproval(world.call(task, refund, args), args);
    expect(await world.decide(approval, world.lee)).toMatchObject({ state: "pending", approvals_needed: 2 });
    expect(await codeOf(world.decide(approval, world.lee))).toBe("ALREADY_VOTED");
    expect(await use(task, approval)).toBe("APPROVAL_MISSING");
  });

  it("asks once for the same call, and again after the answer was used up", async () => {
    const { task, approval } = await asked();
    const again = await world.askApproval(world.call(task, refund, args), args);
    expect(again.id).toBe(approval.id);
    await world.decide(approval, world.lee, false);
    expect((await world.askApproval(world.call(task, refund, args), args)).id).not.toBe(approval.id);
  });

  it("AUD-D06: what a person writes is one record, whatever is in it", async () => {
    const why = 'a\n{"v":1,"kind":"kill"}\r\u0000\u001b[31m "quoted" \u2028';
    const task = await world.startTask();
    const { SuspendTask } = mayflyTasksService.methods;
    await world.admin.unary(SuspendTask, { id: task.id, why });
    await sleep(300);
    const { records } = await ExportedLog.from(world.admin);
    const told = records.filter(
      ({ task: id, phase, body }) => id === task.id && phase === "intent" && body["act"] === "suspend",
    );
    expect(told.map(({ body }) => body["why"])).toEqual([why]);
  });

  it("votes that were refused, malformed calls and calls without the right are in the record", async () => {
    const { task, approval } = await asked();
    await codeOf(world.decide(approval, world.dana));
    await codeOf(world.begin(world.call(task, { arguments_digest: "amount=4000" })));
    const node = world.under.as(world.node);
    await codeOf(node.unary(mayflyCallsService.methods.BeginCall, world.call(task)));
    expect((await world.begin(world.call(task, { tool: "orders.delete" }))).refusal).toBe("OUT_OF_SCOPE");
    // The next checkpoint is signed.
    await sleep(300);
    const { records } = await ExportedLog.from(world.admin);
    const denied = records.filter(({ decision }) => decision === "deny");
    const codes = denied.map(({ body }) => body["code"]);
    expect(codes).toEqual(expect.arrayContaining(["NOT_AN_APPROVER", "CALL_MALFORMED", "OUT_OF_SCOPE"]));
    expect(denied.some(({ body, actor }) => body["status"] === 7 && actor.includes("/spire/agent/"))).toBe(true);
    expect(JSON.stringify(records)).not.toContain("amount=4000");
  });
});
