// SPDX-License-Identifier: Apache-2.0

/** Long-running parts that stand and fall together. */
export class RunGroup {
  /** Rejects with the first failure of a part. */
  readonly failed: Promise<never>;
  readonly #abort = new AbortController();
  readonly #running: Promise<void>[] = [];
  readonly #fail: (error: unknown) => void;

  constructor() {
    const { promise, reject } = Promise.withResolvers<never>();
    this.failed = promise;
    this.#fail = reject;
    // Who stops the group may not care.
    promise.catch(() => undefined);
  }

  /** Starts a part; it ends when the signal says so. */
  start(part: (signal: AbortSignal) => Promise<void>): void {
    const run = async (): Promise<void> => {
      try {
        await part(this.#abort.signal);
      } catch (error) {
        if (this.#abort.signal.aborted) return;
        this.#fail(error);
        this.#abort.abort(error);
      }
    };
    this.#running.push(run());
  }

  async stop(): Promise<void> {
    this.#abort.abort(new Error("stopped"));
    await Promise.all(this.#running);
  }
}
