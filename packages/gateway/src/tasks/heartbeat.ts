// SPDX-License-Identifier: Apache-2.0
import type { Clock } from "../clock.ts";

/** How long ago the server was known to be alive and of this mind. */
export class Heartbeat {
  readonly #clock: Clock;
  #monotonicMs: number | undefined;
  #unixMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An instant at which the question was asked that the server then answered; older ones change nothing. */
  heard(proof: { readonly monotonicMs: number; readonly unixMs: number }): void {
    if (this.#monotonicMs !== undefined && proof.monotonicMs < this.#monotonicMs) return;
    this.#monotonicMs = proof.monotonicMs;
    this.#unixMs = proof.unixMs;
  }

  /** By whichever clock saw more time pass: the one that never runs back may stand still while the machine sleeps. */
  silentMs(): number {
    if (this.#monotonicMs === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(this.#clock.monotonicMs() - this.#monotonicMs, this.#clock.now().getTime() - this.#unixMs);
  }
}
