// SPDX-License-Identifier: Apache-2.0
import { copyFileSync, linkSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../processes.ts";
import { mayfly, TaskSystem } from "./task-system.ts";

const uid = `unix:uid:${process.getuid?.() ?? 0}`;
const cli = join(import.meta.dirname, "../../../packages/cli/src/main.ts");
const fetching = ["--conditions=@mayfly/source", cli, "workload", "fetch", "x509", "--output", "json"];

describe("mayfly task exec", () => {
  let world: TaskSystem;
  beforeAll(async () => {
    world = await TaskSystem.start();
    await world.addProfile("helper", [uid]);
    await world.addProfile("pinned", [uid, `unix:path:${process.execPath}`]);
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it("becomes the command, which has the task's identity; without a ticket the same command has none", async () => {
    const { task, ticketFile } = await world.startTask("helper");
    const { stdout, stderr, status } = await world.run(ticketFile, [
      mayfly,
      "workload",
      "fetch",
      "x509",
      "--output",
      "json",
    ]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`"${task.spiffe_id}"`);
    expect(task.spiffe_id).toBe(`spiffe://example.org/agent/helper/task/${task.id}`);
    const again = await world.run(ticketFile, ["true"]);
    expect([again.status, again.stderr]).toEqual([1, expect.stringContaining("error: TICKET_REFUSED: ")]);
  });

  it("gives the shell's children nothing, and what the shell becomes all", async () => {
    const { task, ticketFile } = await world.startTask("helper");
    const fetch = `${mayfly} workload fetch x509 --output json`;
    const child = `${fetch} 2>&1; ${mayfly} explain --pid $$; exec ${fetch}`;
    const { stdout } = await world.run(ticketFile, ["sh", "-c", child]);
    const [refused = "", rest = ""] = stdout.split(/(?=node {7})/);
    expect(refused).toContain("NO_MATCHING_ENTRY");
    expect(refused).not.toContain("spiffe://example.org/agent/helper");
    expect(rest).toContain(`TASK_BOUND: the process is bound to task ${task.id}`);
    expect(rest).toContain(`task:id:${task.id}`);
    expect(rest).toContain(`"${task.spiffe_id}"`);
  });

  it("serves the pinned program only: a copy at another path is bound, and gets nothing", async () => {
    const own = await world.startTask("pinned");
    const good = await world.run(own.ticketFile, [process.execPath, ...fetching]);
    expect(good.stdout).toContain(`"${own.task.spiffe_id}"`);
    const copy = join(world.system.directory.path, "copy");
    try {
      linkSync(process.execPath, copy);
    } catch {
      copyFileSync(process.execPath, copy);
    }
    const other = await world.startTask("pinned");
    const bad = await world.run(other.ticketFile, [copy, ...fetching]);
    expect([bad.status, bad.stdout]).toEqual([1, ""]);
    expect(bad.stderr).toContain("NO_MATCHING_ENTRY");
  });

  it("leaves nothing of itself: same pid, three descriptors, default signals, blocking pipes, a clean environment", async () => {
    const { ticketFile } = await world.startTask("helper");
    const look = `echo $$; grep SigIgn /proc/$$/status; grep flags /proc/$$/fdinfo/1; env; echo --; ls /proc/$$/fd`;
    await using process = world.exec(ticketFile, ["sh", "-c", look], { MAYFLY_SERVER_SOCKET: "/nowhere", KEPT: "1" });
    const { stdout, status } = await process.ended;
    expect(status).toBe(0);
    const [facts = "", descriptors = ""] = stdout.trim().split("\n--\n");
    const [pid, ignored, flags = "", ...env] = facts.split("\n");
    expect(pid).toBe(String(process.pid));
    // What whoever started all this left open, far above, stays open, as over any exec.
    expect(descriptors.split("\n").filter((fd) => Number(fd) < 100)).toEqual(["0", "1", "2"]);
    expect(ignored).toBe("SigIgn:\t0000000000000000");
    // O_NONBLOCK is 04000.
    expect(Number.parseInt(flags.split("\t")[1] ?? "4000", 8) & 0o4000).toBe(0);
    expect(env).toContain("KEPT=1");
    expect(env).toContain(`SPIFFE_ENDPOINT_SOCKET=unix://${world.socket}`);
    expect(env.filter((line) => /^(MAYFLY_|NODE_COMPILE_CACHE)/.test(line))).toEqual([]);
    expect(stdout).not.toMatch(/ticket/i);
  });

  it("ends with the command's code, and spends no ticket on a command that can't start", async () => {
    const { ticketFile } = await world.startTask("helper");
    const broken = join(world.system.directory.path, "broken");
    writeFileSync(broken, "echo no interpreter\n", { mode: 0o755 });
    const lost = join(world.system.directory.path, "lost");
    writeFileSync(lost, "#!/no/such/interpreter\n", { mode: 0o755 });
    mkdirSync(join(world.system.directory.path, "folder"));
    for (const command of ["no-such-program", broken, lost, join(world.system.directory.path, "folder"), ""]) {
      const { status, stderr } = await world.run(ticketFile, [command]);
      expect([command, status, stderr]).toEqual([command, 1, expect.stringContaining("error: NOT_STARTED: ")]);
    }
    expect((await world.run(ticketFile, ["sh", "-c", "exit 7"])).status).toBe(7);
  });

  it("says what is wrong with the ticket or the socket", async () => {
    const { directory } = world.system;
    const empty = await world.run(directory.secret("empty", ""), ["true"]);
    expect([empty.status, empty.stderr]).toEqual([2, expect.stringContaining("error: USAGE: there is no ticket in ")]);
    const missing = await world.run("/no/such/file", ["true"]);
    expect([missing.status, missing.stderr]).toEqual([2, expect.stringContaining("error: FILE_UNREADABLE: ")]);
    const wrong = await world.run(directory.secret("wrong", "a-secret-that-is-none"), ["true"]);
    expect([wrong.status, wrong.stderr]).toEqual([1, expect.stringContaining("error: TICKET_REFUSED: ")]);
    expect(wrong.stderr).not.toContain("a-secret");
  });

  it("is cut off within a second when the task ends, with evidence of the agent", async () => {
    const { task, ticketFile } = await world.startTask("helper");
    await using watcher = world.exec(ticketFile, [mayfly, "workload", "watch"]);
    await until(
      () => watcher.log,
      () => watcher.stdout.includes(task.spiffe_id),
    );
    const { grants, summary } = await world.end(task.id);
    expect(summary).toMatchObject({ quiet: true, stuck: 0, fence_ms: 0 });
    expect(summary.healthy_ms).toBeLessThan(1000);
    expect(grants.map(({ kind, state }) => `${kind} ${state}`)).toContain("entry gone");
    const recorded = await world.records(task.id);
    expect(recorded).toContain('"method":"streams-ended"');
    expect(recorded).toContain('"method":"keys-forgotten"');
    expect(recorded).toContain(`"${world.system.agentId}"`);
    await until(
      () => watcher.log,
      () => /TASK_OVER|no identity issued/.test(watcher.log),
    );
  });
});
