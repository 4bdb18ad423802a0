// SPDX-License-Identifier: Apache-2.0
import type { AgentProfile } from "../operator/profile.ts";
import { assertAdmitted, type TaskRequest } from "./admission.ts";
import type { Task } from "./task.ts";

/**
 * A root task under a profile, active. `owner` is the operator who answers for it.
 * @throws {TaskError} PROFILE_NOT_ACTIVE, PROFILE_EXPIRED, NO_TIME, TOO_LONG, SCOPE_WIDENS, EFFECT_REFUSED
 */
export function startTask(profile: AgentProfile, request: TaskRequest & { readonly owner: string }, now: Date): Task {
  assertAdmitted(profile, request, now);
  return {
    id: request.id,
    rootId: request.id,
    depth: 0,
    agent: profile.name,
    owner: request.owner,
    requestedBy: request.requestedBy,
    tier: profile.tier,
    scope: request.scope,
    state: "active",
    holds: [],
    createdAt: now,
    notAfter: request.notAfter,
    revision: 0,
  };
}
