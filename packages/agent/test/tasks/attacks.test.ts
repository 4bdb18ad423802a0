// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { mayflyTaskBindingService, reasonOf, type RpcChannel, workloadApiService } from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusalOf, until } from "./processes.ts";
import { Relay } from "./relay.ts";
import { TestNode } from "./test-node.ts";

const task = "t-aaaaaaaaaaaaaaaa";

const bind = (channel: RpcChannel, ticket: string) =>
  channel.unary(mayflyTaskBindingService.methods.BindTask, { ticket });

async function fetch(channel: RpcChannel): Promise<string> {
  for await (const { svids } of channel.serverStream(workloadApiService.methods.FetchX509SVID, {}))
    return svids.map(({ spiffe_id: id }) => id.split("/").at(-1)).join(" ");
  return "ended";
}

async function refused(channel: RpcChannel): Promise<string | undefined> {
  const refusal = await refusalOf(fetch(channel));
  expect(refusal.code).toBe(7);
  return reasonOf(refusal)?.code;
}

const isSleep = (pid: number): boolean => readFileSync(`/proc/${pid}/comm`, "utf8") === "sleep\n";

/** A child under a process id that is given, by clone3(2) with set_tid: the id of a process that is gone is taken again. */
const takePid = (pid: number): string => `
  my $id = pack("L", ${pid});
  my $args = pack("Q10", 0, 0, 0, 0, 17, 0, 0, 0, unpack("Q", pack("P", $id)), 1);
  my $child = syscall(435, $args, length $args);
  die "clone3: $!" if $child < 0;
  if ($child > 0) { waitpid($child, 0); exit }
  $$ == ${pid} or die "another process id";
`;

describe("nobody gets the task of a process but itself", () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await TestNode.start();
  });
  afterAll(() => node[Symbol.asyncDispose]());

  it("not an orphan that inherited its connection", async () => {
    const ticket = node.startTask(task);
    using relay = await Relay.start(node, { change: "exit if fork" });
    expect((await bind(relay.channel, ticket)).task_id).toBe(task);
    expect(await fetch(relay.channel)).toBe(task);
    await relay.changeNow();
    expect(await refused(relay.channel)).toBe("CALLER_CHANGED");
    await until(() => node.tasks.bindings.size === 0);
  });

  it("not a child that goes on with its connection while it lives", async () => {
    const ticket = node.startTask(task);
    using relay = await Relay.start(node, { change: 'if (fork) { exec "/bin/sleep", "60" }' });
    await bind(relay.channel, ticket);
    await relay.changeNow();
    await until(() => isSleep(relay.pid));
    expect(await refused(relay.channel)).toBe("CALLER_CHANGED");
    expect(node.tasks.bindings.processesOf(task)).toContain(relay.pid);
  });

  it("not a child with a connection of its own", async () => {
    const ticket = node.startTask(task);
    const change = `if (!fork) {
      $far = IO::Socket::UNIX->new(Peer => $agent); $near = $listener->accept; $select = IO::Select->new($near, $far);
    }`;
    using relay = await Relay.start(node, { change });
    await bind(relay.channel, ticket);
    await relay.changeNow();
    using child = relay.open();
    expect(await refused(child)).toBe("NO_MATCHING_ENTRY");
    expect(await fetch(relay.channel)).toBe(task);
  });

  it.runIf(process.getuid?.() === 0)("not a process that is given its id after its end", async () => {
    const ticket = node.startTask(task);
    const bound = await Relay.start(node);
    await bind(bound.channel, ticket);
    const { pid } = bound;
    await bound.end();
    using successor = await Relay.start(node, { before: takePid(pid) });
    expect(await refused(successor.channel)).toBe("NO_MATCHING_ENTRY");
    expect(node.tasks.bindings.processesOf(task)).not.toContain(pid);
    // It was this id indeed: with a ticket of its own it is bound under it.
    expect((await bind(successor.channel, node.startTask(task))).task_id).toBe(task);
    expect(node.tasks.bindings.processesOf(task)).toContain(pid);
  });

  it("not one who binds a ticket while the process behind the connection is replaced", async () => {
    const ticket = node.startTask(task);
    using relay = await Relay.start(node, { change: 'if (my $child = fork) { exec "/bin/sleep", "60" }' });
    await refused(relay.channel);
    await relay.changeNow();
    await until(() => isSleep(relay.pid));
    const refusal = await refusalOf(bind(relay.channel, ticket));
    expect([refusal.code, reasonOf(refusal)?.code]).toEqual([7, "CALLER_CHANGED"]);
    expect(node.server.tickets.has(ticket)).toBe(true);
  });
});
