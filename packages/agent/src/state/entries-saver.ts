// SPDX-License-Identifier: Apache-2.0
import type { Logger } from "@mayfly/telemetry";
import type { HeldSet } from "../entries/held-set.ts";
import { describeError } from "../standing.ts";
import { saveEntries } from "./entries-file.ts";

const gatherMs = 200;
/** A large set takes a while to write: at most this part of the time goes into it. */
const dutyCycle = 0.05;
const retryMs = 30_000;

/** Writes the held set to disk some time after it changed; changes that come together are written once. A disk that fails is only logged: the set is a cache. */
export class EntriesSaver implements AsyncDisposable {
  readonly #options: {
    readonly path: string;
    readonly held: HeldSet;
    readonly agentId: () => string | undefined;
    readonly log: Logger;
  };
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #closed = false;
  #lastMs = 0;

  constructor(options: { path: string; held: HeldSet; agentId: () => string | undefined; log: Logger }) {
    this.#options = options;
  }

  /** The set changed. */
  mark(delayMs: number = Math.max(gatherMs, this.#lastMs / dutyCycle)): void {
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#save();
    }, delayMs);
  }

  /** Writes what is not written yet. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#save();
    }
    await this.#writing;
  }

  #save(): void {
    const { path, held, agentId, log } = this.#options;
    this.#writing = this.#writing.then(async () => {
      const id = agentId();
      if (id === undefined) return;
      const started = performance.now();
      await saveEntries(path, id, held).catch((error: unknown) => {
        log.warn("entries_not_saved", { error: describeError(error) });
        this.mark(retryMs);
      });
      this.#lastMs = performance.now() - started;
    });
  }
}
