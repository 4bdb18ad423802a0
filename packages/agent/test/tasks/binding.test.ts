// SPDX-License-Identifier: Apache-2.0
import { reasonOf, mayflyTaskBindingService, workloadApiService } from "@mayfly/rpc";
import { taskSelector } from "@mayfly/registration";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusalOf, until, Worker } from "./processes.ts";
import { entryOf, TestNode } from "./test-node.ts";

const [first, second] = ["t-aaaaaaaaaaaaaaaa", "t-bbbbbbbbbbbbbbbb"];

describe("a ticket", () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await TestNode.start();
  });
  afterAll(() => node[Symbol.asyncDispose]());

  it("makes the process that shows it the task's, and no child or sibling of it", async () => {
    const ticket = node.startTask(first);
    using worker = new Worker(node.socket);
    using sibling = new Worker(node.socket);
    expect(await worker.ask("fetch")).toBe("7 NO_MATCHING_ENTRY");
    expect(await worker.ask("bind", ticket)).toBe(`bound ${first} T2`);
    expect(await worker.ask("fetch")).toBe(first);
    expect(await worker.ask("child")).toBe("7 NO_MATCHING_ENTRY");
    expect(await sibling.ask("fetch")).toBe("7 NO_MATCHING_ENTRY");
    expect(await worker.ask("explain")).toBe(`id:${first} | TASK_BOUND: the process is bound to task ${first}`);
    expect(await sibling.ask("explain")).toMatch(/^TASK_NOT_BOUND: .*needs a ticket: no task bound/);
    const [shown] = node.server.shown.splice(0);
    expect(shown?.selectors).toContain(`unix:uid:${process.getuid?.() ?? 0}`);
    expect(shown?.selectors.join(" ")).not.toContain("task:");
  });

  it("is good once: a second process, a second time, and a second task are refused", async () => {
    const [ticket, other] = [node.startTask(first), node.startTask(second)];
    using worker = new Worker(node.socket);
    using thief = new Worker(node.socket);
    expect(await worker.ask("bind", ticket)).toBe(`bound ${first} T2`);
    expect(await thief.ask("bind", ticket)).toBe("7 TICKET_REFUSED");
    expect(await worker.ask("bind", other)).toBe("9 ALREADY_BOUND");
    // The ticket was not spent by that.
    expect(await thief.ask("bind", other)).toBe(`bound ${second} T2`);
    expect(await worker.ask("fetch")).toBe(first);
    expect(await thief.ask("fetch")).toBe(second);
  });

  it("is refused alike whatever is wrong with it, and guessing ends soon", async () => {
    using guesser = new Worker(node.socket);
    node.server.shown.splice(0);
    const answers: string[] = [];
    for (const ticket of [
      "x",
      "ticket",
      "y".repeat(128),
      "z".repeat(129),
      "\u00e9",
      "",
      ...Array.from({ length: 8 }, () => "no"),
    ])
      answers.push(await guesser.ask("bind", ticket));
    expect(new Set(answers)).toEqual(new Set(["7 TICKET_REFUSED", "8 TOO_MANY_TICKETS"]));
    expect(answers.slice(0, 6)).toEqual(Array.from({ length: 6 }, () => "7 TICKET_REFUSED"));
    expect(answers.at(-1)).toBe("8 TOO_MANY_TICKETS");
    expect(node.server.shown.length).toBeLessThan(11);
  });

  it("is in no line of the log", () => {
    expect(node.log.join("")).toContain("task_bound");
    expect(node.log.join("")).toContain("ticket_not_redeemed");
    expect(node.log.join("")).not.toMatch(/ticket-of-|zzzz|yyyy/);
  });
});

describe("a process that is bound", () => {
  let node: TestNode;
  let ticket: string;
  beforeAll(async () => {
    node = await TestNode.start();
  });
  afterAll(() => node[Symbol.asyncDispose]());

  it("takes its task with it when it ends", async () => {
    ticket = node.startTask(first);
    const worker = new Worker(node.socket);
    expect(await worker.ask("bind", ticket)).toBe(`bound ${first} T2`);
    expect(node.tasks.bindings.size).toBe(1);
    await worker.end();
    await until(() => node.tasks.bindings.size === 0);
  });

  it.runIf(process.getuid?.() === 0)("gets nothing under another user", async () => {
    ticket = node.startTask(first);
    using worker = new Worker(node.socket);
    await worker.ask("bind", ticket);
    expect(await worker.ask("setuid")).toBe("changed");
    expect(await worker.ask("fetch")).toBe("7 NO_MATCHING_ENTRY");
  });

  it("keeps an identity that its other entries give when the task ends, in a stream of its own", async () => {
    ticket = node.startTask(first);
    node.server.put(entryOf("plain", [{ type: "unix", value: `uid:${process.getuid?.() ?? 0}` }]));
    using worker = new Worker(node.socket);
    await worker.ask("bind", ticket);
    expect(await worker.ask("fetch")).toBe(`plain ${first}`);
    node.server.tell(first, "ending");
    await until(() => node.tasks.bindings.size === 0);
    expect(await worker.ask("fetch")).toBe("plain");
    node.server.remove("plain");
  });
});

describe("an agent whose server knows no tasks", () => {
  it("says so, and goes on with everything else", async () => {
    await using node = await TestNode.start({ withTasks: false });
    node.server.put(entryOf("plain", [{ type: "unix", value: `uid:${process.getuid?.() ?? 0}` }]));
    using worker = new Worker(node.socket);
    expect(await worker.ask("bind", "ticket")).toBe("12 TASKS_NOT_SUPPORTED");
    expect(await worker.ask("fetch")).toBe("plain");
    const calls = node.log.filter((line) => line.includes("guard_feed"));
    expect(calls).toEqual([]);
  });
});

describe("the selector of a task", () => {
  it("comes from no attestor: one that gives it attests nobody", async () => {
    const forger = { type: "forger", attest: () => Promise.resolve([taskSelector(first)]) };
    await using node = await TestNode.start({ attestors: [forger] });
    node.startTask(first);
    using channel = node.openWorkload();
    const call = channel.unary(workloadApiService.methods.FetchJWTSVID, { audience: ["a"] });
    const refusal = await refusalOf(call);
    expect([refusal.code, reasonOf(refusal)?.code]).toEqual([14, "CALLER_NOT_ATTESTED"]);
  });

  it("needs the header, like everything on this socket", async () => {
    await using node = await TestNode.start();
    using channel = node.openWorkload();
    const metadata = { "workload.spiffe.io": "false" };
    const call = channel.unary(mayflyTaskBindingService.methods.BindTask, { ticket: "t" }, { metadata });
    expect((await refusalOf(call)).code).toBe(3);
  });
});
