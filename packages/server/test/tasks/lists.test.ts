// SPDX-License-Identifier: Apache-2.0
import { mayflyApprovalsService, mayflyLeasesService, mayflyProfilesService, mayflyTasksService } from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GuardUnderTest } from "./guard-under-test.ts";
import { gatewayId } from "./ids.ts";
import { addOperator, codeOf, TaskWorld, until } from "./task-world.ts";

interface Page {
  readonly page_size: number;
  readonly page_token: string;
}

/** What is on each page, two items at a time. */
async function pagesOf<Answer extends { readonly next_page_token: string }, Item>(
  ask: (page: Page) => Promise<Answer>,
  itemsOf: (answer: Answer) => readonly Item[],
): Promise<readonly (readonly Item[])[]> {
  const pages = [];
  for (let page_token = ""; ; ) {
    const answer = await ask({ page_size: 2, page_token });
    pages.push(itemsOf(answer));
    page_token = answer.next_page_token;
    if (page_token === "") return pages;
  }
}

describe("lists", () => {
  let world: TaskWorld;
  beforeAll(async () => {
    world = await TaskWorld.start("T3");
    for (const name of ["ops/a", "ops/b", "web/c"]) await world.addProfile(name, "T2");
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  it("of tasks, leases and accounts, approvals, profiles, operators and tools come in pages", async () => {
    const tasks = [await world.startTask(), await world.startTask(), await world.startTask()];
    const [task] = tasks;
    if (task === undefined) throw new Error("no task");
    const { admin, broker } = world;
    for (const n of [1, 2, 3]) {
      const args = `{"amount":${String(n)}}`;
      await world.askApproval(world.call(task, { tool: "orders.refund", effect: "irreversible" }, args), args);
      const { call_id: call } = await world.begin(world.call(task));
      const claims = { iss: gatewayId, aud: ["x"], task: task.id, call, tool: "orders.query" };
      const statement = `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;
      const ask = { target: "db", mode: "brokered", holder: "spiffe://example.org/orders", ttl_seconds: "60" };
      const { refusal } = await broker.unary(mayflyLeasesService.methods.BeginLease, { ...ask, statement });
      expect(refusal).toBe("");
    }
    const accounts = ["x", "y", "z"].map((account) => ({ target: "db", account, can_login: true }));
    await broker.unary(mayflyLeasesService.methods.ReportUnmanaged, { target: "db", accounts });

    const { ListTasks } = mayflyTasksService.methods;
    const listed = await pagesOf(
      (page) => admin.unary(ListTasks, page),
      (answer) => answer.tasks.map(({ id }) => id),
    );
    expect(listed.map((page) => page.length)).toEqual([2, 1]);
    expect(listed.flat()).toEqual(tasks.map(({ id }) => id));
    const { ListApprovals } = mayflyApprovalsService.methods;
    const approvals = await pagesOf(
      (page) => admin.unary(ListApprovals, { state: "pending", ...page }),
      (answer) => answer.approvals.map(({ arguments_json: json }) => json),
    );
    expect(approvals).toEqual([['{"amount":1}', '{"amount":2}'], ['{"amount":3}']]);
    const { ListLeases } = mayflyLeasesService.methods;
    const leases = await pagesOf(
      (page) => admin.unary(ListLeases, page),
      (answer) => [answer.leases.length, answer.unmanaged.map(({ account }) => account)],
    );
    expect(leases).toEqual([
      [2, []],
      [1, ["x", "y"]],
      [0, ["z"]],
    ]);
    const held = await pagesOf(
      (page) => broker.unary(ListLeases, page),
      (answer) => [answer.leases.length, answer.unmanaged.length],
    );
    expect(held).toEqual([
      [2, 0],
      [1, 0],
    ]);
    const { ListProfiles, ListOperators } = mayflyProfilesService.methods;
    const profiles = await pagesOf(
      (page) => admin.unary(ListProfiles, page),
      (answer) => answer.profiles.map(({ name }) => name),
    );
    expect(profiles).toEqual([
      ["ops/a", "ops/b"],
      ["ops/bot", "web/c"],
    ]);
    const operators = await pagesOf(
      (page) => admin.unary(ListOperators, page),
      (answer) => answer.operators.map(({ name }) => name),
    );
    expect(operators).toEqual([["dana", "lee"]]);
  });

  it("of approvals end where an agent asks in a loop", async () => {
    const task = await world.startTask();
    const ask = async (n: number): Promise<string> => {
      const args = `{"amount":${String(n)},"order":1}`;
      return await codeOf(
        world.askApproval(world.call(task, { tool: "orders.refund", effect: "irreversible" }, args), args),
      );
    };
    const answers = [];
    for (let n = 0; n < 34; n += 1) answers.push(await ask(n));
    expect(answers).toEqual([
      ...Array.from({ length: 32 }, () => "accepted"),
      "TOO_MANY_APPROVALS",
      "TOO_MANY_APPROVALS",
    ]);
    // The same call again is the same request.
    expect(await ask(0)).toBe("accepted");
    await world.end(task.id);
  });

  it("show a person what is theirs on every page, and no foreign name in a token", async () => {
    const viewer = await world.under.mint("/vera", 300);
    const fields = { spiffe_ids: ["spiffe://example.org/vera"], roles: [{ role: "viewer", prefix: "/web" }] };
    await addOperator(world.admin, "vera", [], fields);
    const vera = world.under.as(viewer);
    const { ListProfiles } = mayflyProfilesService.methods;
    const answer = await vera.unary(ListProfiles, { page_size: 1 });
    expect(answer.profiles.map(({ name }) => name)).toEqual(["web/c"]);
    expect(["", "web/c"]).toContain(answer.next_page_token);
    const tasks = await pagesOf(
      (page) => vera.unary(mayflyTasksService.methods.ListTasks, page),
      (page) => page.tasks,
    );
    expect(tasks.flat()).toEqual([]);
  });

  it("are refused with a token that names nothing in them", async () => {
    const lost = { page_token: "t-aaaaaaaaaaaaaaaa" };
    const { admin } = world;
    const asked = [
      admin.unary(mayflyTasksService.methods.ListTasks, lost),
      admin.unary(mayflyTasksService.methods.ListTasks, { page_token: "7" }),
      admin.unary(mayflyApprovalsService.methods.ListApprovals, lost),
      admin.unary(mayflyApprovalsService.methods.ListTools, lost),
      admin.unary(mayflyLeasesService.methods.ListLeases, lost),
      admin.unary(mayflyLeasesService.methods.ListLeases, { page_token: "account:db/none" }),
      admin.unary(mayflyProfilesService.methods.ListProfiles, lost),
      admin.unary(mayflyProfilesService.methods.ListOperators, lost),
    ];
    expect(await Promise.all(asked.map(codeOf))).toEqual(asked.map(() => "PAGE_TOKEN_UNKNOWN"));
  });

  it("of accounts end where they would grow without an end", async () => {
    const { ReportUnmanaged } = mayflyLeasesService.methods;
    const accounts = Array.from({ length: 10_001 }, (_, n) => ({ account: String(n) }));
    expect(await codeOf(world.broker.unary(ReportUnmanaged, { target: "db", accounts }))).toBe("TOO_MANY_ACCOUNTS");
  });
});

it("a task that held more than fits into an answer is shown with what is not gone yet, and how much was left out", async () => {
  await using world = await TaskWorld.start("T1");
  const task = await world.startTask();
  const gateway = new GuardUnderTest(world.gateway, "gateway");
  await until(() => gateway.state(task.id) === "active");
  const method = "socket-destroyed";
  const evidence_json = JSON.stringify({ method, detail: { why: "x".repeat(500) } });
  const count = 1800;
  const grants = Array.from({ length: count }, (_, n) => ({ kind: "connection", ref: `10.0.0.1:${String(n)}` }));
  for (const gone of [false, true]) {
    for (let at = 0; at < count; at += 900) {
      const some = grants.slice(at, at + 900).filter(({ ref }) => !gone || ref !== "10.0.0.1:0");
      const words = some.map((grant) => ({ ...grant, gone, ...(gone && { evidence_json }) }));
      gateway.report({ task_id: task.id, revision: task.revision, grants: words, done: false });
    }
  }
  const { GetTask } = mayflyTasksService.methods;
  const goneOf = async (): Promise<number> => (await world.admin.unary(GetTask, { id: task.id })).grants_left_out;
  await until(async () => (await goneOf()) > 0, 20_000);
  gateway.stop();
  await gateway.over;
  const answer = await world.admin.unary(GetTask, { id: task.id });
  expect(answer.grants.length + answer.grants_left_out).toBe(count + 1);
  const open = answer.grants.filter(({ state }) => state !== "gone");
  expect(open.map(({ ref }) => ref)).toContain("10.0.0.1:0");
  expect(answer.grants.slice(0, open.length)).toEqual(open);
}, 40_000);
