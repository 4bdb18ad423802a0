// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import type { ServerStream } from "@mayfly/rpc";
import { type Endpoint, goodHeaders } from "./endpoint.ts";
import { code, type Outcome, type Refusal } from "./outcome.ts";

/** More messages than these in one watch are a flood: the stream is left. */
const maxMessages = 64;

/** What a stream sent while it was open. */
export interface Watched<T> {
  readonly first: Outcome<T>;
  /** Messages one after the other that say the same. */
  readonly repeats: number;
  readonly count: number;
  readonly last: T | undefined;
  /** The first message in which identities stood in another order than in the one before. */
  readonly reordered: boolean;
  /** How the endpoint ended the stream; undefined when it was still open. */
  readonly end: Refusal | undefined;
  readonly flooded: boolean;
}

/** How messages of a stream are read. */
export interface Reading<T> {
  /** Names of identities, in order. */
  readonly keysOf?: (message: T) => readonly string[];
  /** Equal for messages that mean the same: default the message. */
  readonly meaning?: (message: T) => unknown;
}

/** Equal for messages that say the same, in whatever order maps are written. */
function digestOf(message: unknown): string {
  const hash = createHash("sha256");
  feed(message);
  return hash.digest("hex");

  function feed(value: unknown): void {
    if (value instanceof Uint8Array) hash.update(`b${value.length}:`).update(value);
    else if (Array.isArray(value)) {
      hash.update(`l${value.length}:`);
      for (const item of value) feed(item);
    } else if (typeof value === "object" && value !== null) {
      const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
      hash.update(`o${members.length}:`);
      for (const member of members) feed(member);
    } else {
      const text = JSON.stringify(value) ?? "";
      hash.update(`v${text.length}:`).update(text);
    }
  }
}

/** Whether what both lists have stands in the same order in both. */
export function sameOrder(before: readonly string[], after: readonly string[]): boolean {
  const kept = before.filter((key) => after.includes(key));
  const still = after.filter((key) => before.includes(key));
  return kept.every((key, index) => key === still[index]);
}

/** Keeps one stream open beside the other calls on the connection. */
export class StreamWatch<T> {
  /** The first message, or how the stream ended without one in time. */
  readonly first: Promise<Outcome<T>>;
  readonly #reading: Reading<T>;
  readonly #stop = new AbortController();
  readonly #loop: Promise<void>;
  #outcome: Outcome<T> | undefined;
  #repeats = 0;
  #count = 0;
  #last: T | undefined;
  #digest = "";
  #reordered = false;
  #end: Refusal | undefined;

  constructor(endpoint: Endpoint, method: ServerStream<unknown, T>, reading: Reading<T> = {}) {
    this.#reading = reading;
    const arrived = Promise.withResolvers<Outcome<T>>();
    this.first = arrived.promise;
    this.#loop = this.#run(endpoint, method, (outcome) => {
      this.#outcome ??= outcome;
      arrived.resolve(this.#outcome);
    });
  }

  /** Whether this says the same as the last message of the stream. */
  saysLast(message: T): boolean {
    const { meaning = (said) => said } = this.#reading;
    return this.#last !== undefined && digestOf(meaning(message)) === digestOf(meaning(this.#last));
  }

  /** Leaves the stream. */
  async end(): Promise<Watched<T>> {
    this.#stop.abort();
    await this.#loop;
    return {
      first: await this.first,
      repeats: this.#repeats,
      count: this.#count,
      last: this.#last,
      reordered: this.#reordered,
      end: this.#end,
      flooded: this.#count >= maxMessages,
    };
  }

  async #run(endpoint: Endpoint, method: ServerStream<unknown, T>, tell: (outcome: Outcome<T>) => void): Promise<void> {
    const begun = performance.now();
    const ms = (): number => performance.now() - begun;
    const late = setTimeout(() => {
      tell({ kind: "status", code: code.deadlineExceeded, text: "", ms: ms() });
      this.#stop.abort();
    }, endpoint.timeoutMs);
    const signal = AbortSignal.any([endpoint.signal, this.#stop.signal]);
    try {
      for await (const message of endpoint.channel.serverStream(method, {}, { signal, metadata: goodHeaders })) {
        clearTimeout(late);
        tell({ kind: "answer", message, ms: ms() });
        this.#take(message);
        if (this.#count >= maxMessages) return;
      }
      this.#end = { kind: "status", code: code.ok, text: "", ms: ms() };
    } catch (error) {
      if (!this.#stop.signal.aborted && !endpoint.signal.aborted) this.#end = endpoint.refusal(error, ms());
    } finally {
      clearTimeout(late);
      tell(this.#end ?? { kind: "status", code: code.deadlineExceeded, text: "", ms: ms() });
    }
  }

  #take(message: T): void {
    const digest = digestOf(message);
    if (digest === this.#digest) this.#repeats += 1;
    const { keysOf = () => [] } = this.#reading;
    if (this.#last !== undefined && !sameOrder(keysOf(this.#last), keysOf(message))) this.#reordered = true;
    this.#digest = digest;
    this.#last = message;
    this.#count += 1;
  }
}
