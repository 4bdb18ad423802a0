// SPDX-License-Identifier: Apache-2.0
import type { Scope } from "../scope/scope.ts";
import type { Tier } from "../tier.ts";
import type { TaskId } from "./task-id.ts";

/** `active` is the only state in which anything is allowed. `ending`: nothing is, and what the task held is being taken away. */
export type TaskState = "proposed" | "active" | "suspended" | "ending" | "ended";

/** Why a task ended. */
export type EndReason = "completed" | "cancelled" | "revoked" | "expired" | "failed";

/** One bounded piece of work by one agent for one owner. A value; `nextTask` makes the next one. */
export interface Task {
  readonly id: TaskId;
  /** undefined = a root. */
  readonly parentId?: TaskId | undefined;
  /** Its own id for a root. */
  readonly rootId: TaskId;
  /** 0 for a root. */
  readonly depth: number;
  /** Name of the agent profile that it runs under. */
  readonly agent: string;
  /** Name of the operator who answers for it. */
  readonly owner: string;
  /** Who asked for it: an operator's name, or the SPIFFE ID of the parent. */
  readonly requestedBy: string;
  readonly tier: Tier;
  readonly scope: Scope;
  readonly state: TaskState;
  /** There from `ending` on. */
  readonly reason?: EndReason | undefined;
  /**
   * What holds it back, sorted: ids of suspended tasks (itself, its ancestors) and `agent:<name>` of suspended profiles. An active task
   * has none; a suspended one goes on when the last is lifted.
   */
  readonly holds: readonly string[];
  readonly createdAt: Date;
  /** The deadline: at this instant it is over. */
  readonly notAfter: Date;
  /** Assigned by the store with every write of the task; grows. 0 = not stored yet. */
  readonly revision: number;
}
