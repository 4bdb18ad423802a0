// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { reasonOf, type RpcChannel, workloadApiService } from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nextOf, openWorkload, refusalOf, TestSystem, until, watchX509 } from "./system.ts";

/**
 * Connects to the agent and hands bytes to and fro between it and whoever connects to a socket of its own: the agent's peer is this
 * program, whatever speaks through it. On SIGUSR1 it does what it was told: then somebody else goes on with the same connection.
 */
const relay = `
  use IO::Socket::UNIX; use IO::Select; $^F = 1000; $| = 1;
  my ($agent, $own, $change) = @ARGV;
  my $listener = IO::Socket::UNIX->new(Local => $own, Listen => 1) or die;
  my $far = IO::Socket::UNIX->new(Peer => $agent) or die;
  my $near = $listener->accept or die;
  my $due = 0; $SIG{USR1} = sub { $due = 1 };
  my $select = IO::Select->new($near, $far);
  while (1) {
    if ($due) { $due = 0; eval $change; die $@ if $@; print "changed\\n"; }
    for my $from ($select->can_read(0.05)) {
      sysread($from, my $bytes, 65536) or exit;
      my $to = $from == $near ? $far : $near;
      syswrite($to, $bytes);
    }
  }
`;

const changes: Readonly<Record<string, string>> = {
  "an orphan that inherited the connection": "exit if fork",
  "the child of a process that runs another program now": 'if (my $child = fork) { exec "/bin/sleep", "60" }',
  "a process that was started again by exec": `if (fork) { exec "/usr/bin/perl", "-e", "sleep 60" }`,
  ...(process.getuid?.() === 0 && { "a process that changed its user": "$> = 65534; $< = 65534" }),
};

describe("a connection that somebody else goes on with", () => {
  let system: TestSystem;
  const children: ChildProcess[] = [];
  beforeAll(async () => {
    system = await TestSystem.start();
  });
  afterAll(async () => {
    for (const { pid } of children) {
      try {
        if (pid !== undefined) process.kill(-pid, "SIGKILL");
      } catch {
        // Gone already.
      }
    }
    await system[Symbol.asyncDispose]();
  });

  async function throughRelay(change: string): Promise<{ channel: RpcChannel; changeNow: () => Promise<void> }> {
    const own = system.directory.file(`relay-${children.length}`);
    const child = spawn("/usr/bin/perl", ["-e", relay, system.agent.socketPath, own, change], {
      stdio: ["ignore", "pipe", "ignore"],
      detached: true,
    });
    children.push(child);
    await until(() => existsSync(own));
    const changeNow = async (): Promise<void> => {
      child.kill("SIGUSR1");
      await once(child.stdout, "data");
    };
    return { channel: openWorkload(own), changeNow };
  }

  it.each(Object.keys(changes))("ENDPOINT-08, WLAPI-12: gives nothing more to %s", async (name) => {
    const first = await system.createEntry("/first");
    const { channel, changeNow } = await throughRelay(changes[name] ?? "");
    const stream = watchX509(channel);
    expect((await nextOf(stream)).svids).toHaveLength(1);
    const pushed = refusalOf(nextOf(stream));
    await changeNow();
    const second = await system.createEntry("/second");
    for (const refusal of [await pushed, await refusalOf(nextOf(watchX509(channel)))]) {
      expect([refusal.code, refusal.message, reasonOf(refusal)?.code]).toEqual([
        7,
        "no identity issued",
        "CALLER_CHANGED",
      ]);
    }
    const unary = channel.unary(workloadApiService.methods.FetchJWTSVID, { audience: ["a"] });
    expect((await refusalOf(unary)).code).toBe(7);
    channel.close();
    for (const id of [first, second]) await system.server.deleteEntry(id);
  });

  it("goes on feeding a process that stayed what it was", async () => {
    const first = await system.createEntry("/first");
    const { channel, changeNow } = await throughRelay("1");
    const stream = watchX509(channel);
    await nextOf(stream);
    await changeNow();
    const second = await system.createEntry("/second");
    expect((await nextOf(stream)).svids).toHaveLength(2);
    channel.close();
    for (const id of [first, second]) await system.server.deleteEntry(id);
  });
});
