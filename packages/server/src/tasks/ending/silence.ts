// SPDX-License-Identifier: Apache-2.0
import { type Task, tiers } from "@mayfly/tasks";
import type { GuardState } from "../standing/guard-state.ts";

/** A guard that lives is heard this often; three beats missed, and it is taken to be silent. */
const silentAfterMs = 3000;

/** Whether a guard can't be expected to answer now. */
export function isSilent(guard: GuardState | undefined, now: number = performance.now()): boolean {
  return guard === undefined || guard.streams === 0 || now - guard.heardAt > silentAfterMs;
}

/**
 * When a guard that hears nothing has stopped by itself to allow anything in these tasks, ms of the monotonic clock. One that was never
 * heard may have been until the server that ran before this one ended.
 */
export function fencedAt(guard: GuardState | undefined, startedAt: number, tasks: readonly Task[]): number {
  const fence = Math.max(...tasks.map(({ tier }) => tiers[tier].fenceMs), 0);
  return (guard?.heardAt ?? startedAt) + fence;
}
