// SPDX-License-Identifier: Apache-2.0
import type { Grant } from "./grant.ts";
import type { Task } from "./task/task.ts";

/** Whether a subtree is quiet, and what it still holds. */
export interface Quiet {
  /** No task of the subtree can be given anything, and nothing that they were given can be used. */
  readonly quiet: boolean;
  /** Grants that are not proven unusable, in the order given. */
  readonly open: readonly Grant[];
}

/**
 * The quiet rule. A grant is closed when it is gone with evidence, or past its end while nobody can put that off. A subtree is quiet when
 * all of its tasks are ending or ended and all of their grants are closed. Once quiet, it stays so. Grants of other tasks don't count; no task at all is not quiet.
 */
export function isQuiet(subtree: readonly Task[], grants: readonly Grant[], now: Date): Quiet {
  const ids = new Set<string>(subtree.map(({ id }) => id));
  const open = grants.filter((grant) => ids.has(grant.taskId) && !isClosed(grant, now));
  const isOver = subtree.every(({ state }) => state === "ending" || state === "ended");
  return { quiet: isOver && subtree.length > 0 && open.length === 0, open };
}

function isClosed(grant: Grant, now: Date): boolean {
  if (grant.state === "gone") return grant.evidence !== undefined;
  return !grant.renewable && now >= grant.notAfter;
}
