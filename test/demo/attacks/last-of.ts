// SPDX-License-Identifier: Apache-2.0
import { setTimeout as wait } from "node:timers/promises";

const deadlineMs = 10_000;
const everyMs = 100;

/** Looks again until it sees what is wanted, for ten seconds; what it saw last. */
export async function lastOf<T>(look: () => Promise<T>, isWanted: (seen: T) => boolean): Promise<T> {
  for (const end = performance.now() + deadlineMs; ; await wait(everyMs)) {
    const seen = await look();
    if (isWanted(seen) || performance.now() > end) return seen;
  }
}
