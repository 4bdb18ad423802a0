// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RpcChannel } from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addOperator, addProfile, endTask, mayfly, watchTask } from "../e2e/tasks/task-system.ts";
import { Background, MayflyAgent, MayflyServer, runProgram, until } from "../processes.ts";

const isRoot = process.getuid?.() === 0;

/** Runs the rest of its arguments in a child whose process id is the first one: clone3(2) with set_tid, for which a program has to be root. */
const takePid = `
  my $wanted = shift @ARGV;
  my $id = pack("L", $wanted);
  my $args = pack("Q10", 0, 0, 0, 0, 17, 0, 0, 0, unpack("Q", pack("P", $id)), 1);
  my $child = syscall(435, $args, length $args);
  die "clone3: $!" if $child < 0;
  if ($child > 0) { waitpid($child, 0); exit $? >> 8 }
  $$ == $wanted or die "another process id";
  exec @ARGV;
`;

describe("an agent that is killed while a process works on a task", () => {
  let server: MayflyServer;
  let agent: MayflyAgent;
  let admin: RpcChannel;
  beforeAll(async () => {
    server = await MayflyServer.start();
    agent = await MayflyAgent.start(server);
    admin = RpcChannel.open({ address: `unix://${server.adminSocket}` });
    await addOperator(admin, "dana");
    await addProfile(admin, { name: "worker", parent: agent.id, tier: "T2" });
  });
  afterAll(async () => {
    admin.close();
    await agent[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const watcher = (): ReturnType<typeof watchTask> => watchTask(admin, agent, "worker");
  const fetching = [mayfly, "workload", "fetch", "x509"];
  const shown = ({ stdout }: Background): number => stdout.split(" until ").length - 1;

  it("gives it the task's identity again when it is back, without a new ticket", async () => {
    const { process: bound, id, spiffeId } = await watcher();
    await using watching = bound;
    for (let kill = 0; kill < 3; kill += 1) {
      const before = shown(watching);
      await agent.crash();
      await agent.boot();
      await until(
        () => `${watching.log}\n${agent.log}`,
        () => shown(watching) > before,
      );
      expect(agent.log).toContain(`task_binding_resumed task_id=${id} pid=${watching.pid}`);
    }
    expect(watching.stdout).not.toContain("no identity issued");
    // Only the process itself: not one beside it, and not one that it starts.
    const beside = runProgram(fetching, { env: agent.env });
    expect(beside.stdout).not.toContain(spiffeId);
    const { summary } = await endTask(admin, id);
    expect(summary).toMatchObject({ quiet: true, stuck: 0 });
    await until(
      () => watching.log,
      () => watching.log.includes("no identity issued"),
    );
  });

  it("gives nothing for a task that ended while it was away", async () => {
    const { process: bound, id } = await watcher();
    await using watching = bound;
    await agent.crash();
    const before = shown(watching);
    await endTask(admin, id);
    await agent.boot();
    await until(
      () => watching.log,
      () => watching.log.includes("no identity issued"),
    );
    expect(shown(watching)).toBe(before);
  });

  it.runIf(isRoot)("gives nothing to a process that has the id of a bound one now", async () => {
    const { process: bound, id, spiffeId } = await watcher();
    const { pid } = bound;
    await agent.crash();
    expect(readFileSync(`${agent.dataDir}/bindings.json`, "utf8")).toContain(`[${pid},`);
    await bound[Symbol.asyncDispose]();
    // It holds the id before the agent is back, and asks when it is.
    const back = join(agent.dir, "is-back");
    const ask = `until [ -e ${back} ]; do sleep 0.05; done; exec ${mayfly} workload watch`;
    await using heir = new Background(["perl", "-e", takePid, String(pid), "sh", "-c", ask], agent.env);
    await until(
      () => heir.log,
      () => existsSync(`/proc/${pid}`),
    );
    using cleanup = new DisposableStack();
    // It ends by itself when it gets nothing.
    cleanup.defer(() => existsSync(`/proc/${pid}`) && process.kill(pid, "SIGTERM"));
    await agent.boot();
    writeFileSync(back, "");
    await until(
      () => agent.log,
      () => agent.log.includes(`task_binding_dropped task_id=${id} pid=${pid}`),
    );
    await until(
      () => heir.log,
      () => heir.log.includes("no identity issued"),
    );
    expect(heir.log).not.toContain(spiffeId);
    await endTask(admin, id);
  });
  if (!isRoot) console.log("a process id is not taken again: that takes root");
});
