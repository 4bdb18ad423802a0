// SPDX-License-Identifier: Apache-2.0
import { WorkloadApiError } from "../errors.ts";
import type { FetchedJwtSvid } from "../workload-api/jwt-answers.ts";

const maxEntries = 1024;

interface Entry {
  readonly svid: FetchedJwtSvid;
  /** Half of the life that it had when it came, milliseconds. */
  readonly renewAt: number;
}

interface Flight {
  readonly result: Promise<FetchedJwtSvid>;
  readonly abort: AbortController;
  waiting: number;
}

/** Fetches a token; the signal is aborted when nobody waits for it any more. */
export type FetchToken = (signal: AbortSignal) => Promise<FetchedJwtSvid>;

/** Tokens by what was asked for, each until half of its life; of those who ask at the same time one fetches. Bounded; the oldest goes first. */
export class JwtSvidCache {
  readonly #entries = new Map<string, Entry>();
  readonly #flights = new Map<string, Flight>();
  #generation = 0;

  /**
   * The token of this key. Where fetching fails without a verdict, one that is past its half but not expired is given, and `onError` told.
   * @throws what `fetch` throws; the signal's reason
   */
  async get(key: string, fetch: FetchToken, options: CacheOptions): Promise<FetchedJwtSvid> {
    options.signal?.throwIfAborted();
    const entry = this.#entries.get(key);
    if (entry !== undefined && Date.now() < entry.renewAt) return entry.svid;
    try {
      return await this.#wait(key, fetch, options.signal);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof WorkloadApiError)) throw error;
      const held = this.#entries.get(key);
      if (held === undefined || !isPassing(error) || Date.now() >= held.svid.expiresAt.getTime()) {
        this.#entries.delete(key);
        throw error;
      }
      options.onError?.(error);
      return held.svid;
    }
  }

  /** Forgets everything; what is being fetched is not kept. */
  clear(): void {
    this.#generation++;
    this.#entries.clear();
  }

  async #wait(key: string, fetch: FetchToken, signal: AbortSignal | undefined): Promise<FetchedJwtSvid> {
    const flight = this.#flights.get(key) ?? this.#begin(key, fetch);
    flight.waiting++;
    try {
      return await orAborted(flight.result, signal);
    } finally {
      flight.waiting--;
      if (flight.waiting === 0) {
        flight.abort.abort();
        if (this.#flights.get(key) === flight) this.#flights.delete(key);
      }
    }
  }

  #begin(key: string, fetch: FetchToken): Flight {
    const abort = new AbortController();
    const generation = this.#generation;
    const result = fetch(abort.signal).then((svid) => {
      if (generation === this.#generation) this.#keep(key, svid);
      return svid;
    });
    // Whoever waits hears of it; when nobody does any more it is nobody's.
    result.catch(() => undefined);
    const flight: Flight = { result, abort, waiting: 0 };
    this.#flights.set(key, flight);
    return flight;
  }

  #keep(key: string, svid: FetchedJwtSvid): void {
    const now = Date.now();
    this.#entries.delete(key);
    this.#entries.set(key, { svid, renewAt: now + (svid.expiresAt.getTime() - now) / 2 });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > maxEntries && oldest !== undefined) this.#entries.delete(oldest);
  }
}

/** How a token is asked for. */
export interface CacheOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onError?: ((error: WorkloadApiError) => void) | undefined;
}

/** Whether the endpoint gave no verdict on the caller. */
function isPassing({ code }: WorkloadApiError): boolean {
  return code === "UNAVAILABLE" || code === "FAILED" || code === "BAD_RESPONSE";
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
