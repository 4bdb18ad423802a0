// SPDX-License-Identifier: Apache-2.0
import { createPublicKey } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { entryVersion, type RegistrationEntry, setDigest } from "@mayfly/registration";
import {
  type GuardMessage,
  type GuardOrder,
  type GuardReport,
  mayflyAgentService,
  mayflyGuardsService,
  mayflyTicketsService,
  RpcServer,
  type Sent,
  served,
  type ServedService,
  StatusError,
  type SyncRequest,
  type SyncResponse,
  type TaskStanding,
} from "@mayfly/rpc";
import { TestCa } from "@mayfly/testkit";
import { entryToMessage } from "../../src/entries/entry-message.ts";
import { Outbox } from "../../src/server/outbox.ts";
import { Wake, waitFor } from "../../src/wake.ts";

type Standing = Sent<TaskStanding> & { readonly task_id: string; readonly state: string };

/** A server that speaks what an agent needs, on a real socket, and that can fall silent in each of its parts. */
export class FakeServer implements AsyncDisposable {
  readonly ca: TestCa = TestCa.create();
  readonly entries = new Map<string, RegistrationEntry>();
  readonly standings = new Map<string, Standing>();
  /** Ticket to task. */
  readonly tickets = new Map<string, string>();
  /** What was shown to it. */
  readonly shown: { readonly ticket: string; readonly selectors: readonly string[] }[] = [];
  readonly reports: GuardReport[] = [];
  /** Beats are not answered while it is set. */
  isSilent = false;
  issued = 0;
  /** Kinds of guards that said hello. */
  readonly guards: string[] = [];
  readonly #changes = new Wake();
  readonly #streams = new Set<Outbox<Sent<GuardOrder>>>();
  readonly #rpc: RpcServer<undefined>;
  readonly #socket: Server;
  readonly path: string;
  #revision = 0;

  private constructor(path: string, { withTasks }: { readonly withTasks: boolean }) {
    this.path = path;
    const services = withTasks ? [this.#sync(), this.#ticketsService(), this.#guardsService()] : [this.#sync()];
    this.#rpc = new RpcServer<undefined>({ services });
    this.#socket = createServer((socket) => this.#rpc.accept(socket, undefined));
  }

  static async listen(path: string, options = { withTasks: true }): Promise<FakeServer> {
    const server = new FakeServer(path, options);
    server.#socket.listen(path);
    while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 5));
    return server;
  }

  put(entry: RegistrationEntry): void {
    this.entries.set(entry.id, entry);
    this.#changes.notify();
  }

  remove(id: string): void {
    this.entries.delete(id);
    this.#changes.notify();
  }

  /** Tells all guards how a task stands; gives the revision. */
  tell(id: string, state: string, fields: Partial<Standing> = {}): number {
    this.#revision += 1;
    const known = this.standings.get(id) ?? { tier: "T2", not_after_ms: String(Date.now() + 3_600_000) };
    const standing = { ...known, ...fields, task_id: id, state, revision: String(this.#revision) };
    if (state === "ended") this.standings.delete(id);
    else this.standings.set(id, standing);
    for (const stream of this.#streams) {
      stream.send({ revision: String(this.#revision), tasks: [standing], answered: "0" });
    }
    return this.#revision;
  }

  /** A whole picture for all guards. */
  tellAll(): void {
    for (const stream of this.#streams) stream.send(this.#snapshot());
  }

  /** The same in parts of one task each; the last one is kept back where it is not to be whole. */
  tellInParts({ isWhole = true } = {}): void {
    const { tasks = [], ...snapshot } = this.#snapshot();
    const parts = tasks.map((task, index) => ({ ...snapshot, tasks: [task], more: index < tasks.length - 1 }));
    for (const stream of this.#streams) for (const part of isWhole ? parts : parts.slice(0, -1)) stream.send(part);
  }

  /** Ends the streams of all guards; they come again. */
  cutGuards(): void {
    for (const stream of this.#streams) stream.end();
    this.#streams.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#rpc.close(0);
  }

  #snapshot(): Sent<GuardOrder> {
    return { revision: String(this.#revision), tasks: [...this.standings.values()], snapshot: true, answered: "0" };
  }

  #sync(): ServedService<undefined> {
    return served(mayflyAgentService, {
      Sync: (requests: AsyncIterable<SyncRequest>, { signal }: { readonly signal: AbortSignal }) =>
        this.#serveSync(requests, signal),
      IssueX509: ({ keys }) => ({
        results: keys.map(({ entry_id: id, public_key: key }) => {
          const path = new URL(this.entries.get(id)?.spiffeId ?? "").pathname;
          const publicKey = createPublicKey({ key, format: "der", type: "spki" });
          this.issued += 1;
          const { chain } = this.ca.issue(path, { keys: { publicKey, privateKey: this.ca.keys.privateKey } });
          return { status: { code: 0, message: "" }, cert_chain: chain.map((der) => Buffer.from(der)) };
        }),
      }),
    });
  }

  async *#serveSync(requests: AsyncIterable<SyncRequest>, signal: AbortSignal): AsyncGenerator<Sent<SyncResponse>> {
    void drain(requests);
    const bundle = {
      trust_domain: "example.org",
      x509_authorities: [{ asn1: Buffer.from(this.ca.certificate) }],
    };
    let held = new Map<string, string>();
    for (let nonce = 1; ; nonce += 1) {
      const changed = this.#changes.next;
      const versions = new Map([...this.entries].map(([id, entry]) => [id, entryVersion(entry)]));
      const fresh = [...this.entries.values()].filter(({ id }) => held.get(id) !== versions.get(id));
      yield {
        nonce: String(nonce),
        revision: String(nonce),
        entries: fresh.map((entry) => ({ version: entryVersion(entry), entry: entryToMessage(entry) })),
        removed_entry_ids: [...held.keys()].filter((id) => !versions.has(id)),
        bundles: nonce === 1 ? [{ version: "1", bundle }] : [],
        entries_digest: setDigest(versions),
        bundles_digest: setDigest(new Map([["example.org", "1"]])),
      };
      held = versions;
      await waitFor(changed, { signal });
    }
  }

  #ticketsService(): ServedService<undefined> {
    return served(mayflyTicketsService, {
      RedeemTicket: ({ ticket, selectors }) => {
        this.shown.push({ ticket, selectors });
        const taskId = this.tickets.get(ticket);
        const standing = taskId === undefined ? undefined : this.standings.get(taskId);
        this.tickets.delete(ticket);
        if (taskId === undefined || standing === undefined) throw new StatusError(7, "the ticket is not good here");
        const { not_after_ms: notAfter = "0", tier = "" } = standing;
        return { task_id: taskId, spiffe_id: `spiffe://example.org/task/${taskId}`, not_after_ms: notAfter, tier };
      },
    });
  }

  #guardsService(): ServedService<undefined> {
    return served(mayflyGuardsService, {
      Watch: (messages: AsyncIterable<GuardMessage>) => this.#serveGuard(messages),
    });
  }

  #serveGuard(messages: AsyncIterable<GuardMessage>): AsyncIterable<Sent<GuardOrder>> {
    const orders = new Outbox<Sent<GuardOrder>>();
    const read = async (): Promise<void> => {
      for await (const { hello, beat, report } of messages) {
        if (hello) {
          this.guards.push(hello.kind);
          orders.send(this.#snapshot());
          this.#streams.add(orders);
        }
        if (beat && !this.isSilent)
          orders.send({ revision: String(this.#revision), beat: true, answered: beat.sequence });
        if (report) this.reports.push(report);
      }
    };
    const over = (): void => {
      this.#streams.delete(orders);
      orders.end();
    };
    read().then(over, over);
    return orders;
  }
}

async function drain(requests: AsyncIterable<SyncRequest>): Promise<void> {
  try {
    for await (const request of requests) void request;
  } catch {
    // The stream is over.
  }
}
