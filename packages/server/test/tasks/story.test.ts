// SPDX-License-Identifier: Apache-2.0
import { parseRecord, verifyReceipt } from "@mayfly/journal";
import { mayflyCallsService, mayflyRecordsService, mayflyTicketsService } from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GuardUnderTest, SyncUnderTest } from "./guard-under-test.ts";
import { codeOf, TaskWorld, until } from "./task-world.ts";

describe("the story of a task", () => {
  let world: TaskWorld;
  let gateway: GuardUnderTest;
  let agent: GuardUnderTest;
  let sync: SyncUnderTest;

  beforeAll(async () => {
    world = await TaskWorld.start();
    gateway = new GuardUnderTest(world.gateway, "gateway");
    const channel = world.under.as(world.node);
    sync = new SyncUnderTest(channel);
    agent = new GuardUnderTest(channel, "agent");
  });
  afterAll(async () => {
    gateway.stop();
    agent.stop();
    sync.stop();
    await world[Symbol.asyncDispose]();
  });

  it("starts, is redeemed, calls, is approved, ends, and all of it is in the record", async () => {
    const task = await world.startTask();
    await until(() => gateway.state(task.id) === "active" && agent.state(task.id) === "active");
    await until(() => sync.entries.has(task.entry_id));

    const agentChannel = world.under.as(world.node);
    const redeem = async (): Promise<unknown> =>
      await agentChannel.unary(mayflyTicketsService.methods.RedeemTicket, {
        ticket: task.ticket,
        selectors: ["unix:uid:1000"],
      });
    expect(await redeem()).toMatchObject({ task_id: task.id, spiffe_id: task.spiffe_id, tier: "T2" });
    expect(await codeOf(redeem())).toBe("TICKET_REFUSED");

    const query = await world.begin(world.call(task));
    expect(query).toMatchObject({ refusal: "" });
    await world.finish(query.call_id);

    const args = '{"amount":4000,"order":7}';
    const refund = world.call(task, { tool: "orders.refund", effect: "irreversible" }, args);
    await world.gateway.unary(mayflyCallsService.methods.RecordDenial, {
      call: refund,
      code: "OVER_LIMIT",
      message: "amount",
      requestable: true,
    });
    const approval = await world.askApproval(refund, args);
    expect(approval).toMatchObject({
      state: "pending",
      arguments_json: args,
      owner: "dana",
      requester: task.spiffe_id,
    });
    expect(await codeOf(world.decide(approval, world.dana))).toBe("NOT_AN_APPROVER");
    expect(await world.decide(approval, world.lee)).toMatchObject({ state: "approved", approvers: ["lee"] });
    const approved = await world.begin({ ...refund, approval_id: approval.id });
    expect(approved).toMatchObject({ refusal: "" });
    expect(await world.begin({ ...refund, approval_id: approval.id })).toMatchObject({ refusal: "APPROVAL_CONSUMED" });
    await world.finish(approved.call_id);

    const { grants, summary } = await world.end(task.id);
    expect(grants.map(({ kind, state }) => [kind, state])).toEqual([["entry", "gone"]]);
    expect(JSON.parse(grants[0]?.evidence_json ?? "")).toMatchObject({
      method: "entry-withdrawn",
      detail: { agents_acknowledged: 1, agents_fenced: 0 },
    });
    expect(summary).toMatchObject({ quiet: true, stuck: 0, grants: 1, fence_ms: 0, task_ids: [task.id] });
    expect(summary.healthy_ms).toBeLessThan(1000);
    expect(await world.task(task.id)).toMatchObject({ state: "ended", reason: "completed" });
    expect(await world.begin(world.call(task))).toMatchObject({ refusal: "TASK_NOT_ACTIVE" });

    const { vkey } = await world.admin.unary(mayflyRecordsService.methods.GetCheckpoint, {});
    const proof = await world.admin.unary(mayflyRecordsService.methods.ProveRecord, { record_id: approved.call_id });
    const { record } = verifyReceipt(proof.receipt, vkey);
    expect(record).toMatchObject({
      id: approved.call_id,
      kind: "call",
      phase: "outcome",
      approval: approval.id,
      task: task.id,
    });
    const found: string[] = [];
    for await (const page of world.admin.serverStream(mayflyRecordsService.methods.ExportRecords, {
      task_id: task.id,
    })) {
      for (const entry of page.records) {
        const { kind, phase, body } = parseRecord(entry);
        found.push(
          [kind, phase, JSON.stringify(body["act"] ?? body["result"] ?? body["code"] ?? "").replaceAll('"', "")].join(
            " ",
          ),
        );
      }
    }
    expect(found).toEqual(
      expect.arrayContaining([
        "task intent start",
        "task outcome done",
        "task event redeem-ticket",
        "call intent ",
        "call outcome done",
        "decision event OVER_LIMIT",
        "approval intent request",
        "approval intent approve",
        "task intent end",
      ]),
    );
  });
});
