// SPDX-License-Identifier: Apache-2.0
import type { Clock } from "../clock.ts";

/** When a beat was sent, by both clocks. */
export interface BeatTime {
  readonly monotonicMs: number;
  readonly unixMs: number;
}

interface SentBeat extends BeatTime {
  readonly sequence: bigint;
}

/**
 * The beats of one stream. An answer proves that the server lived and was up to date when its beat was sent: not when the answer is read,
 * which may be long after it came.
 */
export class BeatClock {
  readonly #clock: Clock;
  readonly #sent: SentBeat[] = [];
  #sequence = 0n;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts a beat that is sent now; gives its number. */
  send(): bigint {
    this.#sequence += 1n;
    const sequence = this.#sequence;
    this.#sent.push({ sequence, monotonicMs: this.#clock.monotonicMs(), unixMs: this.#clock.now().getTime() });
    return sequence;
  }

  /** The time of the beat that an order answers, and with it all before; undefined = nothing that was not answered already. */
  answered(sequence: bigint): BeatTime | undefined {
    let proof: BeatTime | undefined;
    while (this.#sent[0] !== undefined && this.#sent[0].sequence <= sequence) proof = this.#sent.shift();
    return proof;
  }

  /** Age of the oldest beat without answer; 0 when there is none. */
  oldestMs(): number {
    const [oldest] = this.#sent;
    return oldest === undefined ? 0 : this.#clock.monotonicMs() - oldest.monotonicMs;
  }
}
