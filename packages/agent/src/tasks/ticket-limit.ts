// SPDX-License-Identifier: Apache-2.0
interface Bucket {
  refused: number;
  at: number;
}

/** Refused tickets of one user that are looked at in a row. */
const burst = 10;
/** One more after each of these. */
const refillMs = 2000;
const maxUsers = 4096;

/** Bounds how many tickets of a user may be refused: guessing is hopeless, and costs the server nothing. */
export class TicketLimit {
  readonly #buckets = new Map<number, Bucket>();

  /** Counts an attempt as refused; false when there were too many. */
  take(uid: number, nowMs: number): boolean {
    const bucket = this.#buckets.get(uid) ?? { refused: 0, at: nowMs };
    const refilled = Math.max(0, nowMs - bucket.at) / refillMs;
    const refused = Math.max(0, bucket.refused - refilled);
    const isAllowed = refused <= burst - 1;
    this.#buckets.delete(uid);
    this.#buckets.set(uid, { refused: isAllowed ? refused + 1 : refused, at: nowMs });
    const [oldest] = this.#buckets.size > maxUsers ? this.#buckets.keys() : [];
    if (oldest !== undefined) this.#buckets.delete(oldest);
    return isAllowed;
  }

  /** The attempt was none that was refused. */
  giveBack(uid: number): void {
    const bucket = this.#buckets.get(uid);
    if (bucket !== undefined) bucket.refused = Math.max(0, bucket.refused - 1);
  }
}
