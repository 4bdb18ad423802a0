// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import { setDigest } from "@mayfly/registration";
import {
  type CallContext,
  type Sent,
  StatusError,
  type SyncAck,
  type SyncOpen,
  type SyncRequest,
  type SyncResponse,
  type SyncVersions,
} from "@mayfly/rpc";
import { invalidArgument } from "../rpc/wire/refusal.ts";
import type { AgentView } from "./agent-view.ts";
import { digestsOf, type Held, holdsNothing, pagesTo } from "./responses.ts";
import { Wake } from "./wake.ts";

/** Changes that come within this many milliseconds share a response. */
const coalesceMs = 2;
const antiEntropyMs = 5 * 60_000;
/** An agent that does not acknowledge for so long is gone or broken. */
const ackTimeoutMs = 30_000;
/** Versions in one message: more than any set that a server serves to one agent. */
const maxVersions = 200_000;

interface InFlight {
  readonly nonce: string;
  readonly view: AgentView;
}

/** The part of a call's context that a session needs. */
export type SyncCall = Pick<CallContext<unknown>, "signal" | "end">;

/** What a session asks of its surroundings. */
export interface SyncSessionDeps {
  readonly agentId: string;
  /** Undefined once the agent has no record any more: the stream is about to be cut then. */
  view(): AgentView | undefined;
  onAck(): void;
  /** Memory is as new as the store. @throws {StatusError} UNAVAILABLE */
  proveFresh(): Promise<void>;
  /** The call: its end wakes the session up, so that nothing of it stays behind. */
  readonly call: SyncCall;
}

/** One agent's Sync stream: keeps what the agent holds equal to its view, one response at a time. */
export class SyncSession {
  readonly agentId: string;
  readonly #deps: SyncSessionDeps;
  readonly #wake = new Wake();
  #held: Held | undefined;
  #inFlight: InFlight | undefined;
  #askVersions = false;
  #dirty = false;
  #mustAnswer = true;
  #over = false;
  #nonce = 0;
  #coalescing: NodeJS.Timeout | undefined;
  #ackTimer: NodeJS.Timeout | undefined;
  #antiEntropy: NodeJS.Timeout | undefined;

  constructor(deps: SyncSessionDeps) {
    this.agentId = deps.agentId;
    this.#deps = deps;
  }

  /** Versions of what the agent acknowledged; undefined before the first agreement. */
  get held(): Held | undefined {
    return this.#held;
  }

  /** What was sent last and is not acknowledged yet. */
  get sent(): Held | undefined {
    const view = this.#inFlight?.view;
    return view && { entries: view.entryVersions, bundles: view.bundleVersions };
  }

  /** The responses, until the agent half-closes. */
  async *serve(requests: AsyncIterable<SyncRequest>): AsyncGenerator<Sent<SyncResponse>> {
    const messages = requests[Symbol.asyncIterator]();
    const first = await messages.next();
    if (first.done === true) return;
    if (!first.value.open) throw invalidArgument("the first message must be Open");
    // A view that lags would take entries away that the agent rightly holds.
    await this.#deps.proveFresh();
    this.#start(first.value.open);
    this.#armAntiEntropy();
    this.#read(messages).catch((error: unknown) => {
      this.#deps.call.end(error instanceof StatusError ? error : invalidArgument("a message can't be read"));
    });
    const { signal } = this.#deps.call;
    const ring = (): void => {
      this.#wake.ring();
    };
    signal.addEventListener("abort", ring, { once: true });
    try {
      for (; !this.#over && !signal.aborted; await this.#wake.next()) yield* this.#due();
    } finally {
      signal.removeEventListener("abort", ring);
      clearTimeout(this.#coalescing);
      clearTimeout(this.#ackTimer);
      clearTimeout(this.#antiEntropy);
    }
  }

  /** Something that may concern the agent changed. */
  markDirty(): void {
    this.#dirty = true;
    if (this.#held === undefined || this.#inFlight !== undefined) return;
    this.#coalescing ??= setTimeout(() => {
      this.#coalescing = undefined;
      this.#wake.ring();
    }, coalesceMs);
  }

  #start(open: SyncOpen): void {
    const view = this.#deps.view();
    if (view === undefined) return;
    if (open.entries_digest.equals(emptyDigest)) {
      // An agent without entries has nothing worth asking for: whatever bundles it has are sent again.
      this.#agree(holdsNothing);
    } else if (sameDigests(view, open)) {
      this.#agree({ entries: view.entryVersions, bundles: view.bundleVersions });
    } else {
      this.#askVersions = true;
    }
  }

  #agree(held: Held): void {
    this.#held = held;
    this.#dirty = true;
    this.#wake.ring();
  }

  async #read(messages: AsyncIterator<SyncRequest>): Promise<void> {
    for (let next = await messages.next(); next.done !== true; next = await messages.next()) {
      if (next.value.versions) this.#onVersions(next.value.versions);
      else if (next.value.ack) this.#acknowledge(next.value.ack);
    }
    this.#over = true;
    this.#wake.ring();
  }

  #onVersions({ entries, bundles }: SyncVersions): void {
    const held = { entries: new Map(Object.entries(entries)), bundles: new Map(Object.entries(bundles)) };
    if (held.entries.size + held.bundles.size > maxVersions) throw invalidArgument("too many versions");
    clearTimeout(this.#ackTimer);
    this.#inFlight = undefined;
    this.#mustAnswer = true;
    this.#agree(held);
  }

  #acknowledge({ nonce }: SyncAck): void {
    const sent = this.#inFlight;
    if (sent?.nonce !== nonce) return;
    clearTimeout(this.#ackTimer);
    this.#inFlight = undefined;
    this.#held = { entries: sent.view.entryVersions, bundles: sent.view.bundleVersions };
    this.#deps.onAck();
    if (this.#dirty) this.markDirty();
  }

  *#due(): Generator<Sent<SyncResponse>> {
    if (this.#askVersions) {
      this.#askVersions = false;
      yield { send_versions: true };
    }
    const view = this.#deps.view();
    if (!this.#dirty || this.#inFlight !== undefined || this.#held === undefined || view === undefined) return;
    this.#dirty = false;
    const nonce = String((this.#nonce += 1));
    const pages = pagesTo(view, this.#held, nonce);
    if (pages.length === 0 && this.#mustAnswer) {
      pages.push({ nonce, revision: String(view.revision), ...digestsOf(view) });
    }
    if (pages.length === 0) return;
    this.#mustAnswer = false;
    this.#inFlight = { nonce, view };
    yield* pages;
    this.#awaitAck(nonce);
  }

  #awaitAck(nonce: string): void {
    // The agent may have been quicker than this line.
    if (this.#inFlight?.nonce !== nonce) return;
    this.#ackTimer = setTimeout(() => {
      this.#deps.call.end(new StatusError(status.ABORTED, "no acknowledgement in time"));
    }, ackTimeoutMs);
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

const emptyDigest = setDigest(new Map());

function sameDigests(view: AgentView, open: SyncOpen): boolean {
  const { entries_digest: entries, bundles_digest: bundles } = digestsOf(view);
  return entries.equals(open.entries_digest) && bundles.equals(open.bundles_digest);
}
