// SPDX-License-Identifier: Apache-2.0

/** Bounds of a back-off, milliseconds. */
export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  /** Between 0 and 1; default Math.random. */
  readonly random?: (() => number) | undefined;
}

/** Growing pauses between attempts: each twice the last one, up to a bound, of which half is left to chance so that many agents spread. */
export class Backoff {
  readonly #options: BackoffOptions;
  #nextMs: number;

  constructor(options: BackoffOptions) {
    this.#options = options;
    this.#nextMs = options.firstMs;
  }

  /** The pause before the next attempt. */
  nextMs(): number {
    const base = this.#nextMs;
    this.#nextMs = Math.min(base * 2, this.#options.maxMs);
    return base * (0.5 + 0.5 * (this.#options.random ?? Math.random)());
  }

  /** After a success. */
  reset(): void {
    this.#nextMs = this.#options.firstMs;
  }
}
