// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  agentService,
  mayflyAdminService,
  mayflyApprovalsService,
  mayflyCallsService,
  mayflyLeasesService,
  mayflyTasksService,
  type RpcChannel,
  type TaskMessage,
} from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GuardUnderTest, SyncUnderTest } from "./guard-under-test.ts";
import { brokerId, gatewayId } from "./ids.ts";
import { codeOf, TaskWorld, until } from "./task-world.ts";

describe("guards", () => {
  let world: TaskWorld;
  let node: RpcChannel;
  let gateway: GuardUnderTest;
  let broker: GuardUnderTest;
  let agent: GuardUnderTest;
  let sync: SyncUnderTest;

  beforeAll(async () => {
    world = await TaskWorld.start();
    node = world.under.as(world.node);
    gateway = new GuardUnderTest(world.gateway, "gateway");
    broker = new GuardUnderTest(world.broker, "broker");
    sync = new SyncUnderTest(node);
    agent = new GuardUnderTest(node, "agent");
  });
  afterAll(async () => {
    for (const each of [gateway, broker, agent, sync]) each.stop();
    await world[Symbol.asyncDispose]();
  });

  async function started(): Promise<TaskMessage> {
    const task = await world.startTask();
    await until(() => [gateway, broker, agent].every((guard) => guard.state(task.id) === "active"));
    await until(() => sync.entries.has(task.id));
    return task;
  }

  /** A call that was let through, and the statement that its gateway would sign about it. */
  async function statement(task: TaskMessage, fields: object = {}): Promise<string> {
    const { call_id: call } = await world.begin(world.call(task));
    const claims = { iss: gatewayId, aud: ["x"], task: task.id, call, tool: "orders.query", ...fields };
    return `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;
  }

  it("get a snapshot, then each change at once, and beats are answered in their turn", async () => {
    const task = await started();
    const late = new GuardUnderTest(world.gateway, "gateway");
    await until(() => late.state(task.id) === "active" && late.beats > 1);
    await world.admin.unary(mayflyTasksService.methods.SuspendTask, { id: task.id, why: "" });
    await until(() => gateway.state(task.id) === "suspended" && agent.state(task.id) === "suspended");
    await until(() => !sync.entries.has(task.id));
    await world.admin.unary(mayflyTasksService.methods.ResumeTask, { id: task.id, why: "" });
    await until(() => gateway.state(task.id) === "active" && sync.entries.has(task.id));
    late.stop();
    await world.end(task.id);
    await until(() => gateway.state(task.id) === "ended");
  });

  it("an agent hears of the tasks whose identity it serves only", async () => {
    const other = await world.under.agent();
    const channel = world.under.as(other);
    const stranger = new GuardUnderTest(channel, "agent");
    const task = await world.startTask({ parent_node_id: `spiffe://example.org${world.node.id.path}` });
    await until(() => agent.state(task.id) === "active" && stranger.orders > 0);
    expect(stranger.state(task.id)).toBeUndefined();
    stranger.stop();
    expect(await world.end(task.id)).toMatchObject({ summary: { quiet: true } });
    await world.kill("node", `spiffe://example.org${other.id.path}`);
  });

  it("what a gateway opened and cut is in the table of the end, with its evidence", async () => {
    const task = await startedOn();
    const grant = { kind: "connection", ref: "10.0.0.7:4711" };
    gateway.report({ task_id: task.id, revision: task.revision, grants: [{ ...grant, gone: false }], done: false });
    await until(async () => {
      const { grants } = await world.admin.unary(mayflyTasksService.methods.GetTask, { id: task.id });
      return grants.some(({ kind }) => kind === "connection");
    });
    gateway.answers = false;
    const ended = world.end(task.id);
    await until(() => gateway.state(task.id) === "ending");
    gateway.answers = true;
    const evidence_json = JSON.stringify({ method: "socket-destroyed", detail: { bytes: 12 } });
    const revision = gateway.tasks.get(task.id)?.revision ?? "";
    gateway.report({ task_id: task.id, revision, grants: [{ ...grant, gone: true, evidence_json }], done: true });
    const { grants, summary } = await ended;
    expect(grants.map(({ kind }) => kind).toSorted()).toEqual(["connection", "entry"]);
    const cut = grants.find(({ kind }) => kind === "connection");
    expect(cut).toMatchObject({ guard: gatewayId, ref: "10.0.0.7:4711", state: "gone" });
    expect(JSON.parse(cut?.evidence_json ?? "")).toMatchObject({ by: gatewayId, method: "socket-destroyed" });
    expect(summary).toMatchObject({ quiet: true, grants: 2 });
  });

  it("one word of a gateway about all connections closes those that an earlier process of it told of", async () => {
    const task = await startedOn();
    const refs = ["10.0.0.8:1", "10.0.0.8:2"];
    const grants = refs.map((ref) => ({ kind: "connection", ref, gone: false }));
    gateway.report({ task_id: task.id, revision: task.revision, grants, done: false });
    await until(async () => {
      const held = await world.admin.unary(mayflyTasksService.methods.GetTask, { id: task.id });
      return held.grants.length === 3;
    });
    const ended = world.end(task.id);
    await until(() => gateway.state(task.id) === "ending");
    const evidence_json = JSON.stringify({ method: "none-left", detail: { connections: 0 } });
    const revision = gateway.tasks.get(task.id)?.revision ?? "";
    const word = { kind: "connection", ref: "*", gone: true, evidence_json };
    gateway.report({ task_id: task.id, revision, grants: [word], done: true });
    expect(await ended).toMatchObject({ summary: { quiet: true, grants: 3, stuck: 0 } });
  });

  it("a guard speaks for its own grants only", async () => {
    const task = await startedOn();
    const evidence_json = JSON.stringify({ method: "said-so", detail: {} });
    agent.report({
      task_id: task.id,
      revision: "1",
      grants: [{ grant_id: task.id, gone: true, evidence_json }],
      done: false,
    });
    gateway.report({
      task_id: task.id,
      revision: "1",
      grants: [{ grant_id: task.id, gone: true, evidence_json }],
      done: false,
    });
    await sleep(200);
    const { grants } = await world.admin.unary(mayflyTasksService.methods.GetTask, { id: task.id });
    expect(grants).toMatchObject([{ kind: "entry", state: "live" }]);
    await world.end(task.id);
  });

  it("a lease is begun for a call that is open, by its own broker, and holds its task until it is proven gone", async () => {
    const { BeginLease, ReportLease, ListLeases, GetLease } = mayflyLeasesService.methods;
    const task = await startedOn();
    const holder = "spiffe://example.org/orders";
    const ask = { target: "orders-db", mode: "brokered", holder, ttl_seconds: "60" };
    const begun = await world.broker.unary(BeginLease, { ...ask, statement: await statement(task) });
    const { lease } = begun;
    expect(lease).toMatchObject({ task_id: task.id, state: "issuing", holder, target: "orders-db" });
    expect(lease?.account).toMatch(/^mayfly_t_[a-z2-7]{16}_l_[a-z2-7]{16}$/);
    const made = await world.broker.unary(BeginLease, { ...ask, statement: await statement(task, { call: "c-none" }) });
    expect(made).toMatchObject({ lease: null, refusal: "CALL_NOT_OPEN" });
    const other = await world.broker.unary(BeginLease, { ...ask, statement: await statement(task, { tool: "drop" }) });
    expect(other).toMatchObject({ lease: null, refusal: "CALL_NOT_OPEN" });

    const id = lease?.id ?? "";
    await world.broker.unary(ReportLease, { id, state: "live" });
    const first = world.end(task.id);
    await until(() => broker.state(task.id) === "ending");
    expect(await codeOf(world.broker.unary(ReportLease, { id, state: "gone" }))).toContain("evidence");
    await world.broker.unary(ReportLease, { id, state: "stuck", problem: "SESSION_STAYS" });
    await sleep(300);
    expect(await world.task(task.id)).toMatchObject({ state: "ending" });
    const evidence_json = JSON.stringify({ method: "login-refused", detail: { sessions: 0 } });
    await world.broker.unary(ReportLease, { id, state: "gone", evidence_json });
    const { grants, summary } = await first;
    expect(summary).toMatchObject({ quiet: true, grants: 2, stuck: 0 });
    expect(grants.find(({ kind }) => kind === "lease")).toMatchObject({ guard: brokerId, state: "gone" });
    const { leases } = await world.broker.unary(ListLeases, { task_id: task.id });
    expect(leases).toMatchObject([{ id, state: "gone" }]);
    for (const who of [world.broker, world.admin]) {
      expect(await who.unary(GetLease, { id })).toMatchObject({ id, task_id: task.id, state: "gone" });
    }
    const stranger = await world.under.mint("/stranger", 300);
    expect(await codeOf(world.under.as(stranger).unary(GetLease, { id }))).toMatch(/authorization denied/);
  });

  it("one that goes silent is fenced: the end waits for that long, says so, and is quiet then", async () => {
    const silent = await world.under.agent();
    const channel = world.under.as(silent);
    const [deafSync, deaf] = [new SyncUnderTest(channel), new GuardUnderTest(channel, "agent")];
    const task = await world.startTask({ parent_node_id: `spiffe://example.org${silent.id.path}` });
    await until(() => deaf.state(task.id) === "active" && deafSync.entries.has(task.id));
    deaf.stop();
    deafSync.stop();
    channel.close();
    await Promise.all([deaf.over, deafSync.over]);
    const { summary, ms } = await world.end(task.id, "revoked");
    // The fence of T2 is 3 s after it was last heard.
    expect(summary).toMatchObject({ quiet: true, stuck: 0 });
    expect(summary.fence_ms).toBeGreaterThan(1500);
    expect(summary.fence_ms).toBeLessThan(3100);
    expect(ms).toBeGreaterThan(1500);
    expect(summary.healthy_ms).toBeLessThan(1500);
    const silentGuards = async (): Promise<number> =>
      (await world.admin.unary(mayflyAdminService.methods.GetStatus, {})).guards_silent;
    expect(await silentGuards()).toBe(1);
    await world.admin.unary(agentService.methods.BanAgent, { id: silent.id });
    await until(async () => (await silentGuards()) === 0);
  });

  it("one that is stopped with its streams open is fenced too", async () => {
    const stopped = await world.under.agent();
    const channel = world.under.as(stopped);
    const [sleeping, asleep] = [new SyncUnderTest(channel), new GuardUnderTest(channel, "agent")];
    const task = await world.startTask({ parent_node_id: `spiffe://example.org${stopped.id.path}` });
    await until(() => asleep.state(task.id) === "active" && sleeping.entries.has(task.entry_id));
    asleep.sleep();
    sleeping.acknowledges = false;
    const { summary } = await world.end(task.id, "revoked");
    expect(summary).toMatchObject({ quiet: true, stuck: 0 });
    expect(summary.fence_ms).toBeGreaterThan(1500);
    asleep.stop();
    sleeping.stop();
  });

  it("an account's name begins as its broker says, if it can be the beginning of a name", async () => {
    const { BeginLease, ReportLease } = mayflyLeasesService.methods;
    const task = await startedOn();
    const holder = "spiffe://example.org/orders";
    const ask = { target: "orders-db", mode: "brokered", holder, ttl_seconds: "60", statement: await statement(task) };
    for (const account_prefix of ["T_", "a", "a-", "_a", `a${"b".repeat(21)}`])
      await expect(world.broker.unary(BeginLease, { ...ask, account_prefix })).rejects.toThrow("prefix");
    const { lease } = await world.broker.unary(BeginLease, { ...ask, account_prefix: "tools_" });
    expect(lease?.account).toMatch(/^tools_t_[a-z2-7]{16}_l_[a-z2-7]{16}$/);
    const evidence_json = JSON.stringify({ method: "login-refused", detail: {} });
    await world.broker.unary(ReportLease, { id: lease?.id ?? "", state: "gone", evidence_json });
    await world.end(task.id);
  });

  it("a tool's definition that changes is quarantined, also when the old one comes back, until an operator approves it", async () => {
    const digestOf = (text: string): string => `sha-256:${createHash("sha256").update(text).digest("hex")}`;
    const pin = async (text: string, definition_digest = digestOf(text)): Promise<boolean> => {
      const request = { server: "orders", tool: "orders.query", definition_digest, definition_json: text };
      return (await world.gateway.unary(mayflyCallsService.methods.PinTool, request)).pinned;
    };
    expect(await pin('{"name":"a"}')).toBe(true);
    expect(await pin('{"name":"a"}')).toBe(true);
    expect(await pin('{"name":"b"}')).toBe(false);
    expect(await pin('{"name":"a"}')).toBe(false);
    await expect(pin('{"name":"c"}', digestOf('{"name":"b"}'))).rejects.toMatchObject({ code: 3 });
    await expect(pin('{ "name":"c"}')).rejects.toMatchObject({ code: 3 });
    const { ListTools, GetTool, ApproveTool } = mayflyApprovalsService.methods;
    const { tools } = await world.admin.unary(ListTools, { state: "quarantined" });
    expect(tools).toMatchObject([{ tool: "orders.query", digest: digestOf('{"name":"a"}') }]);
    const both = await world.admin.unary(GetTool, { server: "orders", tool: "orders.query" });
    expect(both).toMatchObject({
      definition_json: '{"name":"a"}',
      seen_definition_json: '{"name":"b"}',
      tool: { state: "quarantined" },
    });
    await expect(world.admin.unary(GetTool, { server: "orders", tool: "other" })).rejects.toMatchObject({ code: 5 });
    const approve = { server: "orders", tool: "orders.query", why: "read it" };
    const other = world.admin.unary(ApproveTool, { ...approve, digest: digestOf('{"name":"c"}') });
    expect(await codeOf(other)).toBe("TOOL_CHANGED");
    expect(await pin('{"name":"b"}')).toBe(false);
    await world.admin.unary(ApproveTool, { ...approve, digest: digestOf('{"name":"b"}') });
    expect(await pin('{"name":"b"}')).toBe(true);
  });

  it("a deadline ends a task as expired", async () => {
    const task = await world.startTask({
      parent_node_id: `spiffe://example.org${world.node.id.path}`,
      ttl_seconds: "1",
    });
    await until(async () => (await world.task(task.id)).state === "ended", 8000);
    expect(await world.task(task.id)).toMatchObject({ reason: "expired" });
  });

  /** On the node of the first agent: there are several now. */
  async function startedOn(): Promise<TaskMessage> {
    const task = await world.startTask({ parent_node_id: `spiffe://example.org${world.node.id.path}` });
    await until(() => [gateway, broker, agent].every((guard) => guard.state(task.id) === "active"));
    await until(() => sync.entries.has(task.id));
    return task;
  }
});
