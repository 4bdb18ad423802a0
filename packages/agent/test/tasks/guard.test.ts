// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until, Worker } from "./processes.ts";
import { TestNode } from "./test-node.ts";

const [task, other] = ["t-aaaaaaaaaaaaaaaa", "t-bbbbbbbbbbbbbbbb"];

async function timed<T>(work: Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const start = performance.now();
  return { value: await work, ms: performance.now() - start };
}

describe("the agent as a guard", () => {
  let node: TestNode;
  let worker: Worker;
  beforeEach(async () => {
    node = await TestNode.start();
    worker = new Worker(node.socket);
  });
  afterEach(async () => {
    worker[Symbol.dispose]();
    await node[Symbol.asyncDispose]();
  });

  async function watching(tier = "T2"): Promise<void> {
    expect(await worker.ask("bind", node.startTask(task, { tier }))).toBe(`bound ${task} ${tier}`);
    expect(await worker.ask("watch")).toBe("watching");
    expect(await worker.next()).toBe("svids 1");
  }

  it("ends the streams of a task at once, before its entry goes, and says what it cut", async () => {
    await watching();
    expect(node.server.guards).toEqual(["agent"]);
    const revision = node.server.tell(task, "ending");
    const { value, ms } = await timed(worker.next());
    expect(value).toBe("ended 7 TASK_OVER");
    expect(ms).toBeLessThan(250);
    await until(() => node.server.reports.length > 0);
    const [report] = node.server.reports;
    expect([report?.task_id, report?.revision, report?.done]).toEqual([task, String(revision), true]);
    expect(report?.grants.map(({ kind, gone }) => [kind, gone])).toEqual([
      ["connection", true],
      ["token-key", true],
    ]);
    const detail = { bindings: 1, streams: 1, x509_svids: 1, jwt_svids: 0 };
    expect(JSON.parse(report?.grants[0]?.evidence_json ?? "")).toEqual({ method: "streams-ended", detail });
    expect(node.svids.size).toBe(0);
    expect(await worker.ask("fetch")).toBe("7 NO_MATCHING_ENTRY");
    // The end of one task is not the end of the process: it may show another ticket.
    expect(await worker.ask("bind", node.startTask(other))).toBe(`bound ${other} T2`);
  });

  it("is as fast when the entry goes first", async () => {
    await watching();
    node.server.remove(task);
    expect(await worker.next()).toBe("ended 7 IDENTITY_WITHDRAWN");
    node.server.tell(task, "ended");
    await until(() => node.tasks.bindings.size === 0);
    const [report] = node.server.reports;
    expect([report?.task_id, report?.done, report?.grants.length]).toEqual([task, true, 0]);
  });

  it("holds a suspended task, and gives it back at resume, with a new key", async () => {
    await watching();
    node.server.tell(task, "suspended");
    expect(await worker.next()).toBe("ended 7 TASK_SUSPENDED");
    expect(await worker.ask("fetch")).toBe("7 TASK_SUSPENDED");
    expect(await worker.ask("explain")).toContain(
      `TASK_SUSPENDED: the process is bound to task ${task}, which is suspended`,
    );
    expect(await worker.ask("bind", node.startTask(other))).toBe("9 ALREADY_BOUND");
    const { issued } = node.server;
    node.server.tell(task, "active");
    expect(await worker.ask("fetch")).toBe(task);
    expect(node.server.issued).toBe(issued + 1);
  });

  it("passes over an order that is older than what it knows", async () => {
    await watching();
    const known = node.server.standings.get(task);
    node.server.tell(task, "suspended");
    expect(await worker.next()).toBe("ended 7 TASK_SUSPENDED");
    node.server.standings.set(task, { ...known, task_id: task, state: "active", revision: "0" });
    node.server.tellAll();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await worker.ask("fetch")).toBe("7 TASK_SUSPENDED");
  });

  it("withholds a task that a snapshot does not name, and gives it back when it is named again", async () => {
    await watching();
    const known = node.server.standings.get(task);
    node.server.standings.delete(task);
    node.server.tellAll();
    expect(await worker.next()).toBe("ended 7 IDENTITY_WITHDRAWN");
    expect(await worker.ask("fetch")).toBe("7 NO_MATCHING_ENTRY");
    expect(await worker.ask("explain")).toContain(`TASK_UNKNOWN: the process is bound to task ${task}`);
    node.server.tell(task, "active", known);
    expect(await worker.ask("fetch")).toBe(task);
  });

  it("takes a snapshot in parts when the last one is there: a part says nothing of tasks that it does not name", async () => {
    await watching();
    node.startTask(other);
    const [known, kept] = [task, other].map((id) => node.server.standings.get(id));
    // Named last: a part that was taken for the whole would end its streams.
    for (const id of [task, other]) node.server.standings.delete(id);
    if (kept && known) node.server.standings.set(other, kept).set(task, known);
    node.server.tellInParts();
    node.server.tell(other, "ending");
    await until(() => node.server.reports.some(({ task_id: id }) => id === other));
    expect(await worker.ask("fetch")).toBe(task);
    node.server.standings.delete(task);
    node.server.tell("t-cccccccccccccccc", "active");
    node.server.tellInParts();
    expect(await worker.next()).toBe("ended 7 IDENTITY_WITHDRAWN");
  });

  it("asks anew when another order comes between the parts", async () => {
    await watching();
    node.server.tell(other, "active");
    node.server.tellInParts({ isWhole: false });
    node.server.tell(other, "suspended");
    await until(() => node.server.guards.length === 2);
    expect(await worker.ask("fetch")).toBe(task);
  });

  it("knows a suspended task again after a new stream that did not name it", async () => {
    await watching();
    node.server.tell(task, "suspended");
    expect(await worker.next()).toBe("ended 7 TASK_SUSPENDED");
    const known = node.server.standings.get(task);
    node.server.standings.delete(task);
    node.server.cutGuards();
    await until(() => node.server.guards.length === 2);
    expect(await worker.ask("fetch")).toBe("7 NO_MATCHING_ENTRY");
    node.server.tell(task, "active", known);
    expect(await worker.ask("fetch")).toBe(task);
  });

  it("ends the task at its deadline without a word of the server", async () => {
    await watching();
    node.server.tell(task, "active", { not_after_ms: String(Date.now() + 600) });
    const { value, ms } = await timed(worker.next());
    expect(value).toBe("ended 7 IDENTITY_WITHDRAWN");
    expect(ms).toBeGreaterThan(500);
    expect(ms).toBeLessThan(900);
  });

  it("does not wait for a process that is stopped", async () => {
    await watching();
    process.kill(worker.pid, "SIGSTOP");
    node.server.tell(task, "ending");
    await until(() => node.server.reports.some(({ done }) => done));
    expect(node.server.reports[0]?.grants).toHaveLength(2);
    process.kill(worker.pid, "SIGCONT");
    expect(await worker.next()).toBe("ended 7 TASK_OVER");
  });

  it.each([
    ["T2", 3000],
    ["T3", 3000],
  ])(
    "fences tasks of tier %s when nothing was heard for %d ms, with 14, and gives them back",
    async (tier, fenceMs) => {
      await watching(tier);
      node.server.isSilent = true;
      const { value, ms } = await timed(worker.next());
      expect(value).toBe("ended 14 TASK_NOT_CONFIRMED");
      expect(ms).toBeGreaterThan(fenceMs - 1500);
      expect(ms).toBeLessThan(fenceMs + 300);
      expect(await worker.ask("fetch")).toBe("14 TASK_NOT_CONFIRMED");
      expect(await worker.ask("explain")).toContain("TASK_NOT_CONFIRMED");
      node.server.isSilent = false;
      expect(await worker.ask("fetch")).toBe(task);
    },
  );

  it("is not kept from fencing by orders that answer no beat", async () => {
    await watching();
    node.server.isSilent = true;
    const chatter = setInterval(() => node.server.tell(other, "active"), 200);
    expect(await worker.next()).toBe("ended 14 TASK_NOT_CONFIRMED");
    clearInterval(chatter);
  });
});
