// SPDX-License-Identifier: Apache-2.0

/** How long nothing was heard: by the wall clock or the monotonic one, whichever says longer (one of them stands still in a suspended host). */
export class Silence {
  #wall = Number.NEGATIVE_INFINITY;
  #monotonic = Number.NEGATIVE_INFINITY;

  end(): void {
    this.#wall = Date.now();
    this.#monotonic = performance.now();
  }

  /** Infinite before the first sound. */
  get ms(): number {
    return Math.max(Date.now() - this.#wall, performance.now() - this.#monotonic);
  }
}
