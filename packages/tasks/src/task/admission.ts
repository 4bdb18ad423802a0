// SPDX-License-Identifier: Apache-2.0
import { TaskError } from "../errors.ts";
import type { AgentProfile } from "../operator/profile.ts";
import { isNarrower } from "../scope/narrowing.ts";
import type { Scope } from "../scope/scope.ts";
import { tiers } from "../tier.ts";
import type { TaskId } from "./task-id.ts";

/** What is asked for a new task. */
export interface TaskRequest {
  readonly id: TaskId;
  readonly scope: Scope;
  /** The deadline. */
  readonly notAfter: Date;
  /** Operator's name, or SPIFFE ID of the parent. */
  readonly requestedBy: string;
}

/**
 * What a profile and its tier ask of every task, root or child.
 * @throws {TaskError} PROFILE_NOT_ACTIVE, PROFILE_EXPIRED also when the profile ends before the task, NO_TIME, TOO_LONG, SCOPE_WIDENS, EFFECT_REFUSED
 */
export function assertAdmitted(profile: AgentProfile, request: TaskRequest, now: Date): void {
  const { name, tier } = profile;
  const rules = tiers[tier];
  if (profile.state !== "active") throw new TaskError("PROFILE_NOT_ACTIVE", `agent ${name} is ${profile.state}`);
  // Comparisons are such that an instant that is none is refused.
  if (!(request.notAfter > now)) throw new TaskError("NO_TIME", "the deadline is not in the future");
  if (!(request.notAfter <= profile.expiresAt))
    throw new TaskError("PROFILE_EXPIRED", `agent ${name} expires before that`);
  if (request.notAfter.getTime() - now.getTime() > rules.maxTaskSeconds * 1000) {
    throw new TaskError("TOO_LONG", `a task at ${tier} lasts at most ${String(rules.maxTaskSeconds)} s`);
  }
  assertWithin(request.scope, profile.ceiling, `the ceiling of agent ${name}`);
  const refused = request.scope.tools.find(({ effect }) => rules.effects[effect] === "refused");
  if (refused !== undefined) {
    throw new TaskError(
      "EFFECT_REFUSED",
      `${tier} allows no ${refused.effect} tool such as ${refused.server}/${refused.tool}`,
    );
  }
}

/** @throws {TaskError} SCOPE_WIDENS */
export function assertWithin(scope: Scope, limit: Scope, whose: string): void {
  const narrowing = isNarrower(scope, limit);
  if (!narrowing.narrower) throw new TaskError("SCOPE_WIDENS", `${narrowing.path} goes beyond ${whose}`);
}
