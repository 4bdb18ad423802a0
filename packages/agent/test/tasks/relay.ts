// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { RpcChannel } from "@mayfly/rpc";
import type { TestNode } from "./test-node.ts";

const script = `
  use IO::Socket::UNIX; use IO::Select; $^F = 1000; $| = 1;
  my ($agent, $own, $before, $change) = @ARGV;
  eval $before; die $@ if $@;
  my $listener = IO::Socket::UNIX->new(Local => $own, Listen => 2) or die;
  print "listening\\n";
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

let relays = 0;

/**
 * A program that connects to the agent and passes bytes on: the agent's peer is this program, whatever speaks through it. `before` runs
 * first, `change` on demand, both Perl: then somebody else goes on with the same connection.
 */
export class Relay implements Disposable {
  readonly channel: RpcChannel;
  /** Another channel, for a listener that accepts again. */
  readonly open: () => RpcChannel;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, open: () => RpcChannel) {
    this.#child = child;
    this.open = open;
    this.channel = open();
  }

  static async start(node: TestNode, { before = "1", change = "1" } = {}): Promise<Relay> {
    relays += 1;
    const own = `${node.directory}/relay-${relays}`;
    const child = spawn("/usr/bin/perl", ["-e", script, node.socket, own, before, change], {
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    });
    await once(child.stdout, "data");
    return new Relay(child, () => node.openWorkload(own));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Does not wait for it. */
  change(): void {
    this.#child.kill("SIGUSR1");
  }

  /** Waits until it is done. */
  async changeNow(): Promise<void> {
    this.change();
    if (this.#child.stdout) await once(this.#child.stdout, "data");
  }

  /** Ends all of it, and waits until the first process is reaped. */
  async end(): Promise<void> {
    const exited = this.#child.exitCode === null ? once(this.#child, "exit") : Promise.resolve();
    this[Symbol.dispose]();
    await exited;
  }

  [Symbol.dispose](): void {
    this.channel.close();
    try {
      process.kill(-this.pid, "SIGKILL");
    } catch {
      // Gone already.
    }
  }
}
