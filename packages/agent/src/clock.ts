// SPDX-License-Identifier: Apache-2.0
import { setTimeout as wait } from "node:timers/promises";

/** Where the agent reads wall-clock time, and how it waits. */
export interface Clock {
  now(): Date;
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  sleep: async (ms, signal) => {
    try {
      await wait(Math.min(ms, 2 ** 31 - 1), undefined, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  },
};

/** Unix seconds, rounded down. */
export function unixSeconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
