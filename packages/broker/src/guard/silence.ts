// SPDX-License-Identifier: Apache-2.0

/** A moment by both clocks, in ms. */
export interface Instant {
  readonly wall: number;
  readonly monotonic: number;
}

/** Now. */
export function instantNow(): Instant {
  return { wall: Date.now(), monotonic: performance.now() };
}

/** How long nothing was heard: by the wall clock or the monotonic one, whichever says longer (one of them stands still in a suspended host). */
export class Silence {
  #heard: Instant = { wall: Number.NEGATIVE_INFINITY, monotonic: Number.NEGATIVE_INFINITY };

  /** The server was alive and up to date at this moment. */
  end(at: Instant): void {
    if (at.monotonic > this.#heard.monotonic) this.#heard = at;
  }

  /** Infinite before the first sound. */
  get ms(): number {
    const now = instantNow();
    return Math.max(now.wall - this.#heard.wall, now.monotonic - this.#heard.monotonic);
  }
}
