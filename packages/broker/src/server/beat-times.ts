// SPDX-License-Identifier: Apache-2.0
import { type Instant, instantNow } from "../guard/silence.ts";

const maxUnanswered = 64;

/** When the beats of one stream were sent: an answer proves that the server lived then, not when it is read. */
export class BeatTimes {
  readonly #sent = new Map<bigint, Instant>();
  #sequence = 0n;

  /** Counts a beat that is sent now; gives its number. Of a stream that is far behind nothing more is remembered. */
  send(): bigint {
    this.#sequence += 1n;
    if (this.#sent.size < maxUnanswered) this.#sent.set(this.#sequence, instantNow());
    return this.#sequence;
  }

  /** The time of the beat that is answered, and with it all before; undefined = none that was still open. */
  answered(sequence: bigint): Instant | undefined {
    let proof: Instant | undefined;
    for (const [each, at] of this.#sent) {
      if (each > sequence) break;
      proof = at;
      this.#sent.delete(each);
    }
    return proof;
  }

  /** Age of the oldest without answer; 0 when there is none. */
  oldestMs(): number {
    const [oldest] = this.#sent.values();
    return oldest === undefined ? 0 : instantNow().monotonic - oldest.monotonic;
  }
}
