// SPDX-License-Identifier: Apache-2.0
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { createUnixAttestor, type WorkloadAttestor } from "@mayfly/attestation";
import { type RegistrationEntry, taskSelector } from "@mayfly/registration";
import { RpcChannel, WORKLOAD_HEADER } from "@mayfly/rpc";
import { TrustDomain } from "@mayfly/spiffe";
import { createLogger } from "@mayfly/telemetry";
import { systemClock } from "../../src/clock.ts";
import { HeldSet } from "../../src/entries/held-set.ts";
import type { AgentSvid } from "../../src/identity/agent-svid.ts";
import { Standing } from "../../src/standing.ts";
import type { Issuer } from "../../src/svid/issuer.ts";
import { JwtCache } from "../../src/svid/jwt-cache.ts";
import { KeyPool } from "../../src/svid/key-pool.ts";
import { SvidCache } from "../../src/svid/svid-cache.ts";
import { ServerSession } from "../../src/sync/server-session.ts";
import { createTaskParts, type TaskParts } from "../../src/tasks/task-parts.ts";
import { TicketLimit } from "../../src/tasks/ticket-limit.ts";
import { workloadServices } from "../../src/workload-api/services.ts";
import { WorkloadEndpoint } from "../../src/workload-api/workload-endpoint.ts";
import { FakeServer } from "./fake-server.ts";

const agentId = "spiffe://example.org/spire/agent/test";

/** The parts of an agent beyond attestation, wired as the agent wires them, with a fake server on a socket. */
export class TestNode implements AsyncDisposable {
  readonly directory: string;
  readonly server: FakeServer;
  readonly tasks: TaskParts;
  readonly svids: SvidCache;
  /** Lines of the agent's log. */
  readonly log: string[] = [];
  readonly #resources: AsyncDisposableStack;

  private constructor(
    parts: Pick<TestNode, "directory" | "server" | "tasks" | "svids"> & { log: string[] },
    resources: AsyncDisposableStack,
  ) {
    this.directory = parts.directory;
    this.server = parts.server;
    this.tasks = parts.tasks;
    this.svids = parts.svids;
    this.log = parts.log;
    this.#resources = resources;
  }

  static async start(
    options: { readonly withTasks?: boolean; readonly attestors?: readonly WorkloadAttestor[] } = {},
  ): Promise<TestNode> {
    await using resources = new AsyncDisposableStack();
    const directory = mkdtempSync(join(tmpdir(), "mayfly-tasks-"));
    // Other users connect, too.
    chmodSync(directory, 0o755);
    resources.defer(() => rmSync(directory, { recursive: true, force: true }));
    const server = resources.use(
      await FakeServer.listen(join(directory, "server"), { withTasks: options.withTasks ?? true }),
    );
    const lines: string[] = [];
    const destination = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        lines.push(chunk.toString());
        done();
      },
    });
    const log = createLogger({ level: "debug", format: "json", destination });
    const [clock, standing] = [systemClock, new Standing()];
    const held = new HeldSet(TrustDomain.parse("example.org"), log);
    standing.attested({ id: agentId, notAfter: new Date(Date.now() + 3_600_000) } as AgentSvid);
    const issuer = (): Issuer => session.issuer;
    const channel = (): RpcChannel => session.channel;
    const svids = new SvidCache({ held, standing, keys: new KeyPool(), issuer, clock, log });
    const tokens = new JwtCache({ held, issuer, clock });
    const tasks = createTaskParts({
      held,
      svids,
      tokens,
      standing,
      channel,
      clock,
      log,
      bindingsFile: join(directory, "bindings.json"),
    });
    const services = workloadServices({
      attestors: options.attestors ?? [createUnixAttestor()],
      held,
      standing,
      svids,
      tokens,
      clock,
      log,
      trustDomain: "example.org",
      bindings: tasks.bindings,
      tasks: tasks.table,
      streams: tasks.streams,
      keeper: tasks.keeper,
      channel,
      limit: new TicketLimit(),
      refusalHoldMs: 300,
      unsettledHoldMs: 1500,
      connections: () => endpoint.connections,
    });
    const endpoint = resources.use(new WorkloadEndpoint({ services, log }));
    await endpoint.listen(join(directory, "agent"));
    const target = {
      held,
      clock,
      log,
      apply: (delta: Parameters<HeldSet["apply"]>[0]): void => {
        held.apply(delta);
        svids.review();
        tokens.review();
        standing.synced("push", clock.now());
      },
    };
    const svid = standing.svid ?? ({} as AgentSvid);
    const session = new ServerSession(svid, RpcChannel.open({ address: `unix://${server.path}` }), target, "push");
    resources.defer(() => session.close());
    const ending = new AbortController();
    const loops = [svids.run(ending.signal), tasks.guard.run(ending.signal)].map((loop) => loop.catch(() => undefined));
    resources.defer(async () => {
      ending.abort();
      await Promise.all(loops);
      tasks.bindings[Symbol.dispose]();
    });
    await session.settled;
    return new TestNode({ directory, server, tasks, svids, log: lines }, resources.move());
  }

  get socket(): string {
    return join(this.directory, "agent");
  }

  openWorkload(path = this.socket): RpcChannel {
    return RpcChannel.open({ address: `unix://${path}`, metadata: { [WORKLOAD_HEADER]: "true" } });
  }

  /** A task that is active, with its entry and a ticket. */
  startTask(
    id: string,
    fields: { readonly tier?: string; readonly selectors?: RegistrationEntry["selectors"] } = {},
  ): string {
    const uid = { type: "unix", value: `uid:${process.getuid?.() ?? 0}` };
    this.server.put(entryOf(id, [uid, ...(fields.selectors ?? []), taskSelector(id)]));
    this.server.tell(id, "active", { tier: fields.tier ?? "T2" });
    const ticket = `ticket-of-${id}`;
    this.server.tickets.set(ticket, id);
    return ticket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

/** An entry for the test's node. */
export function entryOf(id: string, selectors: RegistrationEntry["selectors"]): RegistrationEntry {
  return {
    id,
    spiffeId: `spiffe://example.org/agent/helper/task/${id}`,
    parentId: agentId,
    selectors,
    x509SvidTtl: 0,
    jwtSvidTtl: 0,
    federatesWith: [],
    admin: false,
    downstream: false,
    expiresAt: 0,
    dnsNames: [],
    revisionNumber: 0,
    storeSvid: false,
    hint: "",
    createdAt: 0,
  };
}
