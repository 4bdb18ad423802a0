// SPDX-License-Identifier: Apache-2.0
import { mayflyTasksService } from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Background, type Finished, until } from "../../processes.ts";
import { mayfly, TaskSystem } from "./task-system.ts";

const uid = process.getuid?.() ?? 0;

/** Prints a line for each message or end of a stream, and begins anew when it ended. */
const watch = ["workload", "watch", "--output", "json"];

describe("the life of a task on its node", () => {
  let world: TaskSystem;
  beforeAll(async () => {
    world = await TaskSystem.start();
    await world.addProfile("guarded", [`unix:uid:${uid}`], "T2");
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const change = (method: "SuspendTask" | "ResumeTask", id: string) =>
    world.system.server.admin.unary(mayflyTasksService.methods[method], { id, why: "a test" });
  const explain = async (pid: number): Promise<Finished> => {
    const args = ["explain", "--pid", String(pid), "--socket", world.socket, "--server-socket", "/nowhere"];
    await using asked = new Background([mayfly, ...args]);
    return await asked.ended;
  };
  const explained = async (pid: number, isEnough: (answer: Finished) => boolean): Promise<Finished> => {
    for (let attempt = 0; attempt < 30; attempt += 1) {
      const answer = await explain(pid);
      if (isEnough(answer)) return answer;
    }
    throw new Error((await explain(pid)).stdout);
  };
  const shows = (process: Background, text: string, times = 1): Promise<true | undefined> =>
    until(
      () => process.log,
      () => process.log.split(text).length > times || undefined,
    );

  it("a process without a ticket is told what it lacks, one with a ticket what it has", async () => {
    const { task, ticketFile } = await world.startTask("guarded");
    const stranger = await explain(process.pid);
    expect(stranger.status).toBe(1);
    expect(stranger.stdout).toContain(`TASK_NOT_BOUND: entry ${task.entry_id} needs task:id:${task.id}`);
    expect(stranger.stdout).toContain("needs a ticket: no task bound");
    expect(stranger.stdout).not.toContain("mayfly entry update");
    await using bound = world.exec(ticketFile, ["sleep", "60"]);
    const { stdout } = await explained(bound.pid, ({ status }) => status === 0);
    expect(stdout).toContain(`TASK_BOUND: the process is bound to task ${task.id}`);
    await world.end(task.id);
  });

  it("stays in force for longer than its fence while the server is heard, is held by suspend and goes on after resume", async () => {
    const { task, ticketFile } = await world.startTask("guarded");
    await using watcher = world.exec(ticketFile, [mayfly, ...watch]);
    await shows(watcher, task.spiffe_id);
    await new Promise((resolve) => setTimeout(resolve, 4500));
    expect(watcher.log).not.toContain("TASK_NOT_CONFIRMED");
    expect(watcher.log).not.toContain("no identity issued");
    await change("SuspendTask", task.id);
    const held = await explained(watcher.pid, (answer) => answer.stdout.includes("TASK_SUSPENDED"));
    expect(held.status).toBe(1);
    await change("ResumeTask", task.id);
    await explained(watcher.pid, ({ status }) => status === 0);
    await shows(watcher, task.spiffe_id, 2);
    const { summary } = await world.end(task.id);
    expect(summary.quiet).toBe(true);
  });

  it("its certificate ends with the task, whatever life its tier gives, and is not renewed for nothing", async () => {
    await world.addProfile("brief", [`unix:uid:${uid}`], "T0");
    const { task, ticketFile } = await world.startTask("brief");
    await using watcher = world.exec(ticketFile, [mayfly, ...watch]);
    await shows(watcher, task.spiffe_id);
    const { not_after: end } = JSON.parse(watcher.stdout.split("\n")[0] ?? "") as { not_after: string };
    const deadline = Number(task.not_after_ms);
    expect(Date.parse(end)).toBeLessThan(deadline);
    expect(Date.parse(end)).toBeGreaterThan(deadline - 3000);
    const { summary } = await world.end(task.id);
    expect(summary.foreign_ms).toBeLessThanOrEqual(deadline - Date.now() + 5000);
  });

  it("nobody writes an entry that names a task by hand", async () => {
    const { task } = await world.startTask("guarded");
    const selectors = [
      { type: "unix", value: `uid:${uid}` },
      { type: "task", value: `id:${task.id}` },
    ];
    await expect(world.system.createEntry("/extra", { selectors })).rejects.toThrow("TASK_IDENTITY");
    await world.end(task.id);
  });
});
