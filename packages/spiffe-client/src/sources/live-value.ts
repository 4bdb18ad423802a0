// SPDX-License-Identifier: Apache-2.0
import { SourceError } from "../errors.ts";
import { Latest } from "./latest.ts";
import type { SourceHealth, SourceState } from "./source-health.ts";

/** What a LiveValue has to know of its values. */
export interface ValueKind<T> {
  /** Whether there is nothing in it (any more). */
  isEmpty(value: T): boolean;
  /** When it ends; undefined = never. */
  expiresAt?(value: T): Date | undefined;
  /** Told after each update. */
  changed?(): void;
  /** Told of the end; `error` when it failed. */
  ended?(error: Error | undefined): void;
}

/** What feeds a source writes to. */
export interface LiveTarget<T> {
  /** The newest value, whatever the state. */
  readonly last: T | undefined;
  publish(value: T): void;
  /** Something went wrong that leaves the value in force; `lost` = nothing newer can come for now. */
  report(error: Error, options: { readonly lost: boolean }): void;
  /** What was lost is there again, with the value in force. */
  recover(): void;
  /** It ended for good. */
  fail(error: Error): void;
  close(): void;
}

/** The value of a source with how the source gets along: written by what feeds the source, read by those who use it. */
export class LiveValue<T> implements LiveTarget<T> {
  readonly #kind: ValueKind<T>;
  readonly #latest = new Latest<T>();
  #state: SourceState = "reconnecting";
  #since = new Date();
  #lastUpdateAt: Date | undefined;
  #lastError: Error | undefined;

  constructor(kind: ValueKind<T>) {
    this.#kind = kind;
  }

  /** The newest value. @throws {SourceError} CLOSED, NOT_READY; what ended the source */
  get value(): T {
    if (this.#state === "closed") throw closed();
    const { value } = this.#latest;
    if (this.#state === "failed") throw this.#lastError ?? closed();
    if (value === undefined) throw new SourceError("NOT_READY", "the source has no update yet");
    return value;
  }

  get last(): T | undefined {
    return this.#latest.value;
  }

  get health(): SourceHealth {
    const { value } = this.#latest;
    const expiresAt = value === undefined ? undefined : this.#kind.expiresAt?.(value);
    return {
      state: this.#state,
      since: this.#since,
      lastUpdateAt: this.#lastUpdateAt,
      ...(this.#lastError && { lastError: this.#lastError }),
      ...(expiresAt && { expiresAt }),
    };
  }

  /** The newest value and each newer one; a slow reader misses those between. Ends with the source. */
  updates(options: { readonly signal?: AbortSignal | undefined } = {}): AsyncIterableIterator<T, void, undefined> {
    return this.#latest.read(options);
  }

  /** The first value that is not empty. @throws the signal's reason; what ended the source */
  async first(signal: AbortSignal | undefined): Promise<T> {
    for await (const value of this.updates({ signal })) if (!this.#kind.isEmpty(value)) return value;
    throw closed();
  }

  publish(value: T): void {
    if (this.#over) return;
    const empty = this.#kind.isEmpty(value);
    if (!empty) this.#lastUpdateAt = new Date();
    this.#enter(empty ? "withdrawn" : "connected");
    this.#latest.publish(value);
    this.#kind.changed?.();
  }

  report(error: Error, { lost }: { readonly lost: boolean }): void {
    if (this.#over) return;
    this.#lastError = error;
    if (lost && this.#state === "connected") this.#enter("reconnecting");
  }

  recover(): void {
    if (this.#state === "reconnecting") this.#enter("connected");
  }

  fail(error: Error): void {
    if (this.#over) return;
    this.#lastError = error;
    this.#enter("failed");
    this.#latest.end(error);
    this.#kind.ended?.(error);
  }

  close(): void {
    this.#enter("closed");
    this.#latest.end(undefined);
    this.#kind.ended?.(undefined);
  }

  get #over(): boolean {
    return this.#state === "failed" || this.#state === "closed";
  }

  #enter(state: SourceState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#since = new Date();
  }
}

function closed(): SourceError {
  return new SourceError("CLOSED", "the source was disposed of");
}
