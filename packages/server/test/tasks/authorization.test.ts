// SPDX-License-Identifier: Apache-2.0
import {
  mayflyCallsService,
  mayflyGuardsService,
  mayflyLeasesService,
  mayflyProfilesService,
  mayflyRecordsService,
  mayflyTasksService,
  mayflyTicketsService,
  type RpcChannel,
} from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addOperator, codeOf, ordersScope, TaskWorld } from "./task-world.ts";

const denied = /^status 7: authorization denied/;

describe("who may call what of the task layer", () => {
  let world: TaskWorld;
  let bystander: RpcChannel;
  let dana: RpcChannel;

  beforeAll(async () => {
    world = await TaskWorld.start();
    bystander = world.under.as(await world.under.mint("/bystander"));
    await addOperator(world.admin, "rae", ["operator"], {
      spiffe_ids: ["spiffe://example.org/people/rae"],
      roles: [{ role: "operator", prefix: "/ops" }],
    });
    dana = world.under.as(await world.under.mint("/people/rae"));
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  it("POL-D04: an identity of the trust domain that is nobody gets nothing, whatever it says it is", async () => {
    const task = await world.startTask();
    const calls: readonly Promise<unknown>[] = [
      bystander.unary(mayflyTasksService.methods.GetTask, { id: task.id }),
      bystander.unary(mayflyTasksService.methods.StartTask, { agent: "ops/bot" }),
      bystander.unary(mayflyCallsService.methods.BeginCall, world.call(task)),
      bystander.unary(mayflyLeasesService.methods.ListLeases, {}),
      bystander.unary(mayflyProfilesService.methods.ListOperators, {}),
      bystander.unary(mayflyRecordsService.methods.GetCheckpoint, {}),
      bystander.unary(mayflyTicketsService.methods.RedeemTicket, { ticket: task.ticket }),
      world.under.anonymous().unary(mayflyTasksService.methods.ListTasks, {}),
    ];
    for (const code of await Promise.all(calls.map(codeOf))) expect(code).toMatch(denied);
  });

  it("POL-D04: gateways and brokers are what the configuration says, and not each other", async () => {
    const task = await world.startTask();
    expect(await codeOf(world.broker.unary(mayflyCallsService.methods.BeginCall, world.call(task)))).toMatch(denied);
    const lease = world.gateway.unary(mayflyLeasesService.methods.BeginLease, { statement: "a.b.c" });
    expect(await codeOf(lease)).toMatch(denied);
    expect(await codeOf(world.gateway.unary(mayflyTasksService.methods.ListTasks, {}))).toMatch(denied);
    const hello = (async function* () {
      yield { hello: { kind: "broker", version: "" } };
    })();
    const watch = world.gateway.bidi(mayflyGuardsService.methods.Watch, hello)[Symbol.asyncIterator]();
    expect(await codeOf(watch.next())).toContain("of kind gateway");
  });

  it("an operator by SVID has the roles that were given, below their prefix only", async () => {
    await world.addProfile("hr/bot", "T2");
    const start = (agent: string): Promise<unknown> =>
      dana.unary(mayflyTasksService.methods.StartTask, {
        agent,
        owner: "dana",
        scope_json: ordersScope,
        ttl_seconds: "60",
      });
    const started = (await start("ops/bot")) as { readonly task: { readonly requested_by: string } };
    expect(started.task.requested_by).toBe("rae");
    expect(await codeOf(start("hr/bot"))).toBe("NOT_ALLOWED");
    expect(await codeOf(start("opsx/bot"))).toBe("NOT_ALLOWED");
    const mine = await world.startTask({ agent: "hr/bot" });
    const { tasks } = await dana.unary(mayflyTasksService.methods.ListTasks, {});
    expect(tasks.every(({ agent }) => agent.startsWith("ops/"))).toBe(true);
    const suspended = dana.unary(mayflyTasksService.methods.SuspendTask, { id: mine.id });
    expect(await codeOf(suspended)).toBe("NOT_ALLOWED");
    const retired = dana.unary(mayflyProfilesService.methods.ChangeProfile, { name: "ops/bot", change: "retire" });
    expect(await codeOf(retired)).toBe("NOT_ALLOWED");
    expect(await codeOf(dana.unary(mayflyRecordsService.methods.GetCheckpoint, {}))).toBe("NOT_ALLOWED");
  });

  it("an operator who is suspended has no rights on an open connection", async () => {
    await world.admin.unary(mayflyProfilesService.methods.ChangeOperator, { name: "rae", change: "suspend" });
    expect(await codeOf(dana.unary(mayflyTasksService.methods.ListTasks, {}))).toMatch(denied);
    await world.admin.unary(mayflyProfilesService.methods.ChangeOperator, { name: "rae", change: "resume" });
    expect(await codeOf(dana.unary(mayflyTasksService.methods.ListTasks, {}))).toBe("accepted");
  });

  it("a task acts in its own subtree: no sibling, no parent, nothing once it has ended", async () => {
    const parent = await world.startTask();
    const [a, b] = [await world.startChild(parent), await world.startChild(parent)];
    const asA = await world.asTask(a);
    expect(await codeOf(asA.unary(mayflyTasksService.methods.GetTask, { id: a.id }))).toBe("accepted");
    expect(await codeOf(asA.unary(mayflyTasksService.methods.GetTask, { id: b.id }))).toBe("NOT_ALLOWED");
    const up = asA.serverStream(mayflyTasksService.methods.EndTask, { id: parent.id })[Symbol.asyncIterator]();
    expect(await codeOf(up.next())).toBe("NOT_ALLOWED");
    await world.end(parent.id);
    expect(await codeOf(asA.unary(mayflyTasksService.methods.GetTask, { id: a.id }))).toMatch(denied);
  });

  it("a child gets less, never more, no deeper than its tier, and runs under no stranger's profile", async () => {
    await world.addProfile("other/bot", "T2");
    const parent = await world.startTask({ ttl_seconds: "310" });
    const all = { scope_json: ordersScope };
    const child = await world.startChild(parent);
    expect(await codeOf(world.startChild(child, all))).toBe("SCOPE_WIDENS");
    expect(await codeOf(world.startChild(parent, { ttl_seconds: "3000" }))).toBe("OUTLIVES_PARENT");
    expect(await codeOf(world.startChild(parent, { agent: "other/bot" }))).toBe("NOT_ALLOWED");
    const grandchild = await world.startChild(child, { ttl_seconds: "60" });
    expect(grandchild).toMatchObject({ depth: 2, root_id: parent.id, owner: "dana" });
    expect(await codeOf(world.startChild(grandchild, { ttl_seconds: "30" }))).toBe("TOO_DEEP");
  });

  it("says of a refused start what stands in the way", async () => {
    const start = (fields: object): Promise<string> => codeOf(world.startTask(fields));
    expect(await start({ agent: "no/such" })).toBe("PROFILE_UNKNOWN");
    expect(await start({ owner: "nobody" })).toBe("OWNER_UNKNOWN");
    expect(await start({ scope_json: '{"tools":[{"server":"x","tool":"y","effect":"read"}]}' })).toBe("SCOPE_WIDENS");
    expect(await start({ scope_json: '{"tools":7}' })).toBe("SCOPE_INVALID");
    expect(await start({ ttl_seconds: "36000" })).toBe("TOO_LONG");
    expect(await start({ parent_node_id: "spiffe://elsewhere.org/node" })).toBe("NODE_NOT_NAMED");
    await world.admin.unary(mayflyProfilesService.methods.ChangeProfile, { name: "ops/bot", change: "suspend" });
    expect(await start({})).toBe("PROFILE_NOT_ACTIVE");
  });
});
