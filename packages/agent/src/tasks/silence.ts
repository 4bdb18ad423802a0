// SPDX-License-Identifier: Apache-2.0
/** An instant by both clocks of the machine, ms. */
export interface Instant {
  readonly monotonic: number;
  readonly wall: number;
}

/** Reads both clocks. */
export type ReadClocks = () => Instant;

/** The machine's clocks. */
const readClocks: ReadClocks = () => ({ monotonic: performance.now(), wall: Date.now() });

/** How long ago the server was known to be of the mind that it told: since the question was asked that it answered, not since the answer. */
export class Silence {
  readonly #read: ReadClocks;
  #last: Instant | undefined;

  constructor(read: ReadClocks = readClocks) {
    this.#read = read;
  }

  now(): Instant {
    return this.#read();
  }

  /** The server answered what was asked at this instant; older ones change nothing. */
  end(asked: Instant): void {
    if (this.#last === undefined || asked.monotonic >= this.#last.monotonic) this.#last = asked;
  }

  /** By whichever clock saw more time pass: one of them stands still while the machine sleeps. Infinite before the first answer. */
  get ms(): number {
    if (this.#last === undefined) return Number.POSITIVE_INFINITY;
    const now = this.#read();
    return Math.max(now.monotonic - this.#last.monotonic, now.wall - this.#last.wall);
  }
}
