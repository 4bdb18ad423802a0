// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { observeProcess, type ProcessHold, retakeProcess } from "@mayfly/attestation";
import { createLogger } from "@mayfly/telemetry";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock as clock } from "../../src/clock.ts";
import { BindingsKeeper } from "../../src/tasks/bindings-keeper.ts";
import { Silence } from "../../src/tasks/silence.ts";
import { StandingTable } from "../../src/tasks/standing-table.ts";
import { TaskBindings } from "../../src/tasks/task-bindings.ts";

const [task, other] = ["t-aaaaaaaaaaaaaaaa", "t-bbbbbbbbbbbbbbbb"] as const;
const agent = "spiffe://example.org/spire/agent/test";
const inAnHour = new Date(Date.now() + 3_600_000);

let path: string;
let directory: string;
let children: ChildProcess[];
let log: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mayfly-bindings-"));
  path = join(directory, "bindings.json");
  [children, log] = [[], ""];
});
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
});

/** What an agent has of bindings, with nothing but the file from before. */
function life(): { bindings: TaskBindings; keeper: BindingsKeeper } {
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      log += chunk.toString();
      done();
    },
  });
  const bindings = new TaskBindings(new StandingTable(new Silence()));
  const logger = createLogger({ level: "info", format: "json", destination });
  return { bindings, keeper: new BindingsKeeper({ path, bindings, agentId: () => agent, clock, log: logger }) };
}

async function program(): Promise<{ child: ChildProcess; pid: number; startTime: string; hold: ProcessHold }> {
  const child = spawn("/bin/sleep", ["60"]);
  children.push(child);
  await once(child, "spawn");
  const pid = child.pid ?? 0;
  const startTime = observeProcess(pid)?.facts.startTime ?? "";
  const hold = retakeProcess({ pid, startTime });
  if (hold === undefined) throw new Error("it has ended");
  return { child, pid, startTime, hold };
}

/** One process bound, and kept. */
async function kept(notAfter = inAnHour): Promise<Awaited<ReturnType<typeof program>>> {
  const bound = await program();
  const { bindings, keeper } = life();
  expect(bindings.bind(bound.hold, { taskId: task, notAfter })).toBe(true);
  await keeper.save();
  await keeper[Symbol.asyncDispose]();
  bindings[Symbol.dispose]();
  await keeper.save();
  return bound;
}

describe("bindings over a restart of the agent", () => {
  it("are those of processes that live: one that ended is dropped, and that is said", async () => {
    const [stays, ends] = [await program(), await program()];
    const before = life();
    before.bindings.bind(stays.hold, { taskId: task, notAfter: inAnHour });
    before.bindings.bind(ends.hold, { taskId: other, notAfter: inAnHour });
    await before.keeper.save();
    ends.child.kill("SIGKILL");
    await once(ends.child, "exit");
    const { bindings, keeper } = life();
    await keeper.resume(agent);
    expect(bindings.stored()).toEqual([
      { pid: stays.pid, startTime: stays.startTime, taskId: task, notAfter: inAnHour },
    ]);
    expect(log).toContain(`"task_id":"${other}","pid":${ends.pid},"reason":"the process has ended"`);
    expect(log).toContain("task_binding_resumed");
    // Taken up is not given out: the server has not spoken yet.
    expect(bindings.of(stays, clock.now())).toEqual({ id: task, verdict: "fenced" });
    expect(bindings.selectorsOf(stays, clock.now())).toEqual([]);
  });

  it("outlast an orderly end, too", async () => {
    const { pid } = await kept();
    const { bindings, keeper } = life();
    await keeper.resume(agent);
    expect(bindings.processesOf(task)).toEqual([pid]);
  });

  it("are none for one who started at another time under the same id", async () => {
    const { pid, startTime } = await kept();
    expect(retakeProcess({ pid, startTime: String(BigInt(startTime) + 1n) })).toBeUndefined();
    expect(retakeProcess({ pid: 1, startTime })).toBeUndefined();
  });

  it("are none past the task's deadline", async () => {
    await kept(new Date(Date.now() - 1));
    const { bindings, keeper } = life();
    await keeper.resume(agent);
    expect(bindings.size).toBe(0);
    expect(log).toContain("the task's deadline is past");
  });

  it("are none for another agent, nor after another boot", async () => {
    await kept();
    const another = life();
    await another.keeper.resume(`${agent}2`);
    expect([another.bindings.size, log]).toEqual([0, expect.stringContaining("it belongs to another agent")]);
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const { content } = JSON.parse(readFileSync(path, "utf8")) as { content: string };
    expect(content).toContain(boot);
    const moved = content.replace(boot, "00000000-0000-4000-8000-000000000000");
    const sha256 = createHash("sha256").update(moved).digest("hex");
    writeFileSync(path, JSON.stringify({ content: moved, sha256 }));
    const { bindings, keeper } = life();
    await keeper.resume(agent);
    expect([bindings.size, log]).toEqual([0, expect.stringContaining("another boot or namespace")]);
  });

  it("are none when a single bit of the file is not as it was written", async () => {
    await kept();
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length; at += 1) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 7));
      writeFileSync(path, damaged);
      const { bindings, keeper } = life();
      await keeper.resume(agent);
      expect(bindings.size).toBe(0);
    }
    expect(log.split("the file is damaged").length - 1).toBe(whole.length);
  });

  it("stop the agent when others may write them", async () => {
    await kept();
    chmodSync(path, 0o620);
    await expect(life().keeper.resume(agent)).rejects.toMatchObject({ code: "STATE_UNSAFE" });
  });

  it("are only forgotten when they can't be written", async () => {
    const { hold } = await program();
    path = join(directory, "none", "bindings.json");
    const { bindings, keeper } = life();
    bindings.bind(hold, { taskId: task, notAfter: inAnHour });
    await keeper.save();
    expect(bindings.size).toBe(1);
    expect(log).toContain("task_bindings_not_saved");
  });
});
