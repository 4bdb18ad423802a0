// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import { setDigest } from "@mayfly/registration";
import { type AckMessage, type OpenMessage, StatusError, type SyncRequest, type SyncResponse, type VersionsMessage } from "@mayfly/rpc";
import type { CallStream } from "../rpc/handler.ts";
import { invalidArgument } from "../rpc/wire/refusal.ts";
import type { AgentView } from "./agent-view.ts";
import { digestsOf, type Held, holdsNothing, pagesTo } from "./responses.ts";

export type SyncStream = CallStream<SyncRequest, Partial<SyncResponse>>;

/** Changes that come within this many milliseconds share a response. */
const coalesceMs = 2;
const antiEntropyMs = 5 * 60_000;
/** An agent that does not acknowledge for so long is gone or broken. */
const ackTimeoutMs = 30_000;

interface InFlight {
  readonly nonce: string;
  readonly revision: number;
  readonly view: AgentView;
  readonly timer: NodeJS.Timeout;
}

/** One agent's Sync stream: keeps what the agent holds equal to its view, one response at a time. */
export class SyncSession {
  readonly agentId: string;
  readonly #stream: SyncStream;
  readonly #view: () => AgentView | undefined;
  readonly #onAck: () => void;
  readonly #failed = Promise.withResolvers<never>();
  #held: Held | undefined;
  #inFlight: InFlight | undefined;
  #dirty = false;
  #mustAnswer = true;
  #nonce = 0;
  #pending: NodeJS.Timeout | undefined;
  #antiEntropy: NodeJS.Timeout | undefined;

  /** `view` is undefined once the agent has no record any more: the stream is about to be cut then. */
  constructor(deps: { agentId: string; stream: SyncStream; view: () => AgentView | undefined; onAck: () => void }) {
    this.agentId = deps.agentId;
    this.#stream = deps.stream;
    this.#view = deps.view;
    this.#onAck = deps.onAck;
    this.#failed.promise.catch(() => undefined);
  }

  /** Versions of what the agent acknowledged; undefined before the first agreement. */
  get held(): Held | undefined {
    return this.#held;
  }

  /** Serves the stream until the agent half-closes or the signal of the call ends it. */
  async run(): Promise<void> {
    try {
      const first = await this.#stream.next();
      if (first === undefined) return;
      if (!first.open) throw invalidArgument("the first message must be Open");
      await this.#start(first.open);
      this.#armAntiEntropy();
      await Promise.race([this.#read(), this.#failed.promise]);
    } finally {
      clearTimeout(this.#pending);
      clearTimeout(this.#antiEntropy);
      clearTimeout(this.#inFlight?.timer);
    }
  }

  /** Something that may concern the agent changed. */
  markDirty(): void {
    this.#dirty = true;
    if (this.#held === undefined || this.#inFlight !== undefined) return;
    this.#pending ??= setTimeout(() => {
      this.#pending = undefined;
      this.#pump();
    }, coalesceMs);
  }

  async #start(open: OpenMessage): Promise<void> {
    const view = this.#view();
    if (view === undefined) return;
    if (setDigest(new Map()).every((byte, index) => byte === open.entries_digest[index])) {
      // An agent without entries has nothing worth asking for: whatever bundles it has are sent again.
      this.#agree(holdsNothing);
    } else if (sameDigests(view, open)) {
      this.#agree({ entries: view.entryVersions, bundles: view.bundleVersions });
    } else {
      await this.#stream.send({ send_versions: true });
    }
  }

  #agree(held: Held): void {
    this.#held = held;
    this.#dirty = true;
    this.#pump();
  }

  async #read(): Promise<void> {
    for (let message = await this.#stream.next(); message !== undefined; message = await this.#stream.next()) {
      if (message.versions) this.#onVersions(message.versions);
      else if (message.ack) this.#acknowledge(message.ack);
    }
  }

  #onVersions({ entries, bundles }: VersionsMessage): void {
    clearTimeout(this.#inFlight?.timer);
    this.#inFlight = undefined;
    this.#mustAnswer = true;
    this.#agree({ entries: new Map(Object.entries(entries)), bundles: new Map(Object.entries(bundles)) });
  }

  #acknowledge({ nonce }: AckMessage): void {
    const sent = this.#inFlight;
    if (sent?.nonce !== nonce) return;
    clearTimeout(sent.timer);
    this.#inFlight = undefined;
    this.#held = { entries: sent.view.entryVersions, bundles: sent.view.bundleVersions };
    this.#onAck();
    if (this.#dirty) this.markDirty();
  }

  #pump(): void {
    const view = this.#view();
    if (!this.#dirty || this.#inFlight !== undefined || this.#held === undefined || view === undefined) return;
    this.#dirty = false;
    const nonce = String((this.#nonce += 1));
    const pages = pagesTo(view, this.#held, nonce);
    if (pages.length === 0 && this.#mustAnswer) {
      pages.push({ nonce, revision: String(view.revision), ...digestsOf(view) });
    }
    if (pages.length === 0) return;
    this.#mustAnswer = false;
    this.#send(pages, view, nonce);
  }

  #send(pages: readonly Partial<SyncResponse>[], view: AgentView, nonce: string): void {
    const timer = setTimeout(() => {
      this.#failed.reject(new StatusError(status.ABORTED, "no acknowledgement in time"));
    }, ackTimeoutMs);
    this.#inFlight = { nonce, revision: view.revision, view, timer };
    const sendAll = async (): Promise<void> => {
      for (const page of pages) await this.#stream.send(page);
    };
    sendAll().catch((error: unknown) => {
      this.#failed.reject(error);
    });
  }

  #armAntiEntropy(): void {
    this.#antiEntropy = setTimeout(
      () => {
        this.#mustAnswer = true;
        this.markDirty();
        this.#armAntiEntropy();
      },
      antiEntropyMs * (0.9 + 0.2 * Math.random()),
    ).unref();
  }
}

function sameDigests(view: AgentView, open: OpenMessage): boolean {
  const { entries_digest: entries, bundles_digest: bundles } = digestsOf(view);
  return entries.equals(open.entries_digest) && bundles.equals(open.bundles_digest);
}
