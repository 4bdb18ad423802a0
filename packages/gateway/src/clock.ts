// SPDX-License-Identifier: Apache-2.0

/** Where the gateway reads time. */
export interface Clock {
  now(): Date;
  /** Milliseconds of a clock that never runs back. */
  monotonicMs(): number;
}

/** The machine's clocks. */
export const systemClock: Clock = { now: () => new Date(), monotonicMs: () => performance.now() };
