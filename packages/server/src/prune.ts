// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { EntryStore, JoinTokenStore } from "@mayfly/registration";
import type { Logger } from "@mayfly/telemetry";
import type { Clock } from "./clock.ts";

const intervalMs = 60_000;

/** What is tidied up. */
export interface PruneDeps {
  readonly entries: EntryStore;
  readonly tokens: JoinTokenStore;
  readonly clock: Clock;
  /** Whether the clock is believed: by one that stepped nothing is deleted, for it may step back. */
  readonly clockIsBelieved: () => boolean;
  readonly logger: Logger;
}

async function prune({ entries, tokens, clock, clockIsBelieved, logger }: PruneDeps): Promise<void> {
  if (!clockIsBelieved()) return;
  try {
    const pruned = await entries.prune(clock.now());
    const spent = await tokens.prune(clock.now());
    if (pruned.length + spent > 0) logger.info("expired_pruned", { entries: pruned.length, join_tokens_count: spent });
  } catch (error) {
    logger.warn("prune_failed", { error: (error as Error).message });
  }
}

/** Deletes what has ended, until the signal. Nobody depends on it: an end counts at once, this only makes room. */
export async function runPruning(deps: PruneDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await prune(deps);
    try {
      await sleep(intervalMs, undefined, { signal, ref: false });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
