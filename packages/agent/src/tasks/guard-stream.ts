// SPDX-License-Identifier: Apache-2.0
import {
  type GuardMessage,
  type GuardOrder,
  type GuardReport,
  mayflyGuardsService,
  type RpcChannel,
  type Sent,
} from "@mayfly/rpc";
import { Outbox } from "../server/outbox.ts";
import { agentVersion } from "../version.ts";
import type { Instant, Silence } from "./silence.ts";
import { snapshotParts } from "./snapshot-parts.ts";
import { readStanding, type TaskStanding } from "./task-standing.ts";

/** Who follows a stream of orders. */
export interface OrderTaker {
  readonly silence: Silence;
  /** Puts an order in force; gives what the server is to be told of it. */
  take(standings: readonly TaskStanding[], isSnapshot: boolean): readonly Sent<GuardReport>[];
}

const beatMs = 1000;
/** Beats without an answer that are remembered; a stream that is further behind proves nothing. */
const maxUnanswered = 64;

/** Holds one Watch stream (mayfly.task.v1): hello, a beat a second, orders put in force and reported. Runs until the stream ends. @throws {StatusError}; {AgentError} BAD_ANSWER for a snapshot that does not come to its end */
export async function runGuardStream(channel: RpcChannel, taker: OrderTaker, signal: AbortSignal): Promise<void> {
  const stream = new GuardStream(taker);
  const timer = setInterval(() => stream.beat(), beatMs);
  try {
    for await (const order of channel.bidi(mayflyGuardsService.methods.Watch, stream.messages, { signal }))
      stream.take(order);
  } finally {
    clearInterval(timer);
  }
}

class GuardStream {
  readonly messages: Outbox<Sent<GuardMessage>> = new Outbox<Sent<GuardMessage>>({
    hello: { kind: "agent", version: agentVersion },
  });
  readonly #taker: OrderTaker;
  readonly #asked = new Map<bigint, Instant>();
  readonly #parts = snapshotParts();
  #sequence = 0n;
  #revision = "0";
  #hasSnapshot = false;

  constructor(taker: OrderTaker) {
    this.#taker = taker;
    this.beat();
  }

  beat(): void {
    // One who does not take beats off does not get more of them: what waits would only tell of the past.
    if (this.#asked.size >= maxUnanswered) return;
    this.#sequence += 1n;
    this.#asked.set(this.#sequence, this.#taker.silence.now());
    this.messages.send({ beat: { seen_revision: this.#revision, sequence: String(this.#sequence) } });
  }

  take(order: GuardOrder): void {
    const standings = this.#parts.take(
      order,
      order.tasks.flatMap((message) => readStanding(message) ?? []),
    );
    // Not yet the whole: nothing is in force, so nothing is said and no silence ends.
    if (standings === undefined) return;
    this.#hasSnapshot ||= order.snapshot;
    const reports = standings.length > 0 || order.snapshot ? this.#taker.take(standings, order.snapshot) : [];
    for (const report of reports) this.messages.send({ report });
    this.#revision = order.revision;
    // What is in force is said at once: the server waits for it.
    if (standings.length > 0) this.beat();
    if (this.#hasSnapshot) this.#answered(BigInt(order.answered));
  }

  #answered(sequence: bigint): void {
    const asked = this.#asked.get(sequence);
    if (asked === undefined) return;
    for (const each of this.#asked.keys()) if (each <= sequence) this.#asked.delete(each);
    this.#taker.silence.end(asked);
  }
}
