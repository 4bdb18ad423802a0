// SPDX-License-Identifier: Apache-2.0
import { RpcChannel } from "@mayfly/rpc";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { MayflyAgent, MayflyServer, runProgram, until } from "../../processes.ts";
import { addOperator, addProfile, endTask, mayfly, watchTask } from "./task-system.ts";

const fenceMs = 3000;
/** Two cores, and nine programs on them. */
const slackMs = 1500;

describe("server, agent and task as processes of their own", () => {
  let server: MayflyServer;
  let agent: MayflyAgent;
  let admin: RpcChannel;
  beforeAll(async () => {
    server = await MayflyServer.start();
    agent = await MayflyAgent.start(server);
    admin = RpcChannel.open({ address: `unix://${server.adminSocket}` });
    await addOperator(admin, "dana");
    await addProfile(admin, { name: "guarded", parent: agent.id, tier: "T2" });
  });
  afterEach(() => {
    for (const { pid } of [server, agent]) process.kill(pid, "SIGCONT");
  });
  afterAll(async () => {
    admin.close();
    await agent[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const watcher = (): ReturnType<typeof watchTask> => watchTask(admin, agent, "guarded");
  const explain = (pid: number): string =>
    runProgram([mayfly, "explain", "--pid", String(pid), "--socket", agent.socket, "--server-socket", "/nowhere"])
      .stdout;
  const count = (text: string, part: string): number => text.split(part).length - 1;

  it("a server that was stopped is fenced after 3 s; what was held comes back when it goes on", async () => {
    const { process: bound, id, spiffeId } = await watcher();
    await using watching = bound;
    expect(explain(watching.pid)).toContain(`matches    ${spiffeId}`);
    process.kill(server.pid, "SIGSTOP");
    const stopped = performance.now();
    await until(
      () => watching.log,
      () => watching.log.includes("UNAVAILABLE: The server has been silent for too long"),
    );
    expect(performance.now() - stopped).toBeGreaterThan(fenceMs - 1200);
    expect(performance.now() - stopped).toBeLessThan(fenceMs + slackMs);
    expect(explain(watching.pid)).toContain(`TASK_NOT_CONFIRMED: the process is bound to task ${id}`);
    expect(explain(watching.pid)).not.toContain("matches");
    process.kill(server.pid, "SIGCONT");
    await until(
      () => explain(watching.pid),
      () => explain(watching.pid).includes(`matches    ${spiffeId}`),
    );
  });

  it("an agent that slept through the end of a task gives nothing for it when it wakes", async () => {
    const { process: bound, id } = await watcher();
    await using watching = bound;
    process.kill(agent.pid, "SIGSTOP");
    const shown = count(watching.stdout, " until ");
    const { summary } = await endTask(admin, id);
    expect(summary).toMatchObject({ quiet: true, stuck: 0 });
    expect(summary.fence_ms).toBeGreaterThan(0);
    expect(summary.fence_ms).toBeLessThanOrEqual(fenceMs + 100);
    process.kill(agent.pid, "SIGCONT");
    await until(
      () => watching.log,
      () => /no identity issued/.test(watching.log),
    );
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(count(watching.stdout, " until ")).toBe(shown);
    expect(explain(watching.pid)).not.toContain("matches");
  });

  it("an agent that slept for longer than the fence takes no answer from before for a new one", async () => {
    const { process: bound, id, spiffeId } = await watcher();
    await using watching = bound;
    process.kill(agent.pid, "SIGSTOP");
    // The answers to its last beats are on their way or with it; then the server says nothing more.
    await new Promise((resolve) => setTimeout(resolve, 200));
    process.kill(server.pid, "SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, fenceMs));
    process.kill(agent.pid, "SIGCONT");
    // An answer from before that counted would put the task in force for another fence.
    expect(explain(watching.pid)).not.toContain("matches");
    await until(
      () => watching.log,
      () => watching.log.includes("UNAVAILABLE: The server has been silent for too long"),
    );
    expect(explain(watching.pid)).toContain(`TASK_NOT_CONFIRMED: the process is bound to task ${id}`);
    process.kill(server.pid, "SIGCONT");
    await until(
      () => explain(watching.pid),
      () => explain(watching.pid).includes(`matches    ${spiffeId}`),
    );
  });

  it("a server that was killed and started again keeps the task of a bound process", async () => {
    const { process: bound, spiffeId } = await watcher();
    await using watching = bound;
    await server.crash();
    await server.boot();
    await until(
      () => explain(watching.pid),
      () => explain(watching.pid).includes(`matches    ${spiffeId}`),
    );
  });
});
