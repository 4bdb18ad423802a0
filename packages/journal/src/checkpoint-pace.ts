// SPDX-License-Identifier: Apache-2.0
import { JournalError } from "./errors.ts";

/** How a log waits. */
export interface LogClock {
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** What a pace keeps. */
export interface CheckpointPaceOptions {
  /** Signs what is new, if anything is. */
  readonly sign: () => Promise<void>;
  readonly clock: LogClock;
  readonly everyMs: number;
}

/** Signs when asked, at most once in a while, one at a time. */
export class CheckpointPace {
  readonly #options: CheckpointPaceOptions;
  readonly #end = new AbortController();
  #wanted = false;
  #running: Promise<void> | undefined;
  #next = Promise.withResolvers<void>();

  constructor(options: CheckpointPaceOptions) {
    this.#options = options;
    this.#next.promise.catch(ignore);
  }

  /** Something may be new. */
  request(): void {
    this.#wanted = true;
    if (!this.#end.signal.aborted) this.#running ??= this.#run();
  }

  /** Resolves after the next signature. @throws {JournalError} LOG_UNAVAILABLE when it fails, LOG_CLOSED */
  next(): Promise<void> {
    if (this.#end.signal.aborted) return Promise.reject(new JournalError("LOG_CLOSED", "the log is closed"));
    this.request();
    return this.#next.promise;
  }

  /** Signs a last time; what fails then is for who opens the log next. */
  async end(): Promise<void> {
    this.#end.abort();
    await this.#running;
    await this.#sign().catch(ignore);
  }

  async #run(): Promise<void> {
    while (this.#wanted && !this.#end.signal.aborted) {
      this.#wanted = false;
      // What failed is tried again after the pause.
      await this.#sign().catch(() => (this.#wanted = true));
      await this.#options.clock.sleep(this.#options.everyMs, this.#end.signal).catch(ignore);
    }
    this.#running = undefined;
  }

  async #sign(): Promise<void> {
    const { resolve, reject } = this.#next;
    this.#next = Promise.withResolvers<void>();
    this.#next.promise.catch(ignore);
    try {
      await this.#options.sign();
      resolve();
    } catch (error) {
      reject(error);
      throw error;
    }
  }
}

/** Who waits is told; the pace goes on. */
function ignore(): void {}
