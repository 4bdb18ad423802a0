// SPDX-License-Identifier: Apache-2.0
import { type Clock, unixSeconds } from "../clock.ts";
import type { Standing } from "../standing.ts";
import { waitFor } from "../wake.ts";
import type { HeldSet } from "./held-set.ts";

/** Longest sleep: timers stand still while the machine is suspended, so the clock is looked at now and then while an end is ahead. */
const longestMs = 30_000;

/** Wakes everybody at the second in which an entry ends, until the signal is aborted. */
export async function watchExpiry(
  held: HeldSet,
  standing: Standing,
  options: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  const { clock, signal } = options;
  let passed = unixSeconds(clock.now());
  while (!signal.aborted) {
    const changed = standing.changes.next;
    const next = held.nextExpiry(passed);
    const leftMs = next === undefined ? undefined : next * 1000 - clock.now().getTime();
    if (next === undefined || leftMs === undefined || leftMs > 0) {
      await waitFor(changed, { signal, timeoutMs: leftMs === undefined ? undefined : Math.min(leftMs, longestMs) });
    } else {
      passed = unixSeconds(clock.now());
      standing.changes.notify();
    }
  }
}
