// SPDX-License-Identifier: Apache-2.0
import { TaskError } from "../errors.ts";
import type { AgentProfile } from "../operator/profile.ts";
import { isTierAtMost, tiers } from "../tier.ts";
import { assertWithin, type TaskRequest } from "./admission.ts";
import { startTask } from "./start-task.ts";
import type { Task } from "./task.ts";

/** What a delegation is judged by. */
export interface DelegationFacts {
  /** The child's own profile. */
  readonly profile: AgentProfile;
  /** All children that the parent ever had. */
  readonly siblings: readonly Task[];
  readonly now: Date;
}

/**
 * A child of `parent`, active: no more than the parent has and no more than the child's own profile allows, not later, not deeper, not
 * more of them than the parent's tier allows. Its owner is the parent's. Two at once are kept apart by the store (`CreateTaskGuard`).
 * @throws {TaskError} PARENT_NOT_ACTIVE, TOO_DEEP, TOO_MANY_CHILDREN, TIER_TOO_HIGH, OUTLIVES_PARENT, SCOPE_WIDENS, and those of `startTask`
 */
export function delegate(parent: Task, request: TaskRequest, { profile, siblings, now }: DelegationFacts): Task {
  const rules = tiers[parent.tier];
  if (parent.state !== "active" || now >= parent.notAfter) {
    throw new TaskError(
      "PARENT_NOT_ACTIVE",
      `task ${parent.id} is ${parent.state === "active" ? "past its end" : parent.state}`,
    );
  }
  if (parent.depth >= rules.maxDepth) {
    throw new TaskError("TOO_DEEP", `${parent.tier} allows descendants to depth ${String(rules.maxDepth)}`);
  }
  const living = siblings.filter(({ parentId, state }) => parentId === parent.id && state !== "ended");
  if (living.length >= rules.maxChildren) {
    throw new TaskError("TOO_MANY_CHILDREN", `${parent.tier} allows ${String(rules.maxChildren)} children at a time`);
  }
  if (!isTierAtMost(profile.tier, parent.tier) || !isTierAtMost(profile.tier, rules.childTier)) {
    throw new TaskError(
      "TIER_TOO_HIGH",
      `a child of ${parent.tier} is at most ${rules.childTier}, not ${profile.tier}`,
    );
  }
  if (request.notAfter > parent.notAfter) throw new TaskError("OUTLIVES_PARENT", `task ${parent.id} ends before that`);
  assertWithin(request.scope, parent.scope, `task ${parent.id}`);
  const child = startTask(profile, { ...request, owner: parent.owner }, now);
  return { ...child, parentId: parent.id, rootId: parent.rootId, depth: parent.depth + 1 };
}
