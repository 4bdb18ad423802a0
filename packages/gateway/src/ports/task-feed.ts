// SPDX-License-Identifier: Apache-2.0
import type { Evidence, Scope, TaskId, Tier } from "@mayfly/tasks";

/** What the server says of a task now. */
export interface TaskStanding {
  readonly id: TaskId;
  readonly parentId?: TaskId | undefined;
  readonly agent: string;
  readonly owner: string;
  readonly spiffeId: string;
  /** Only `active` lets anything pass. */
  readonly state: string;
  readonly tier: Tier;
  readonly notAfter: Date;
  readonly revision: bigint;
  readonly scope: Scope;
  readonly depth: number;
}

/** Standings that were told at once. */
export interface StandingOrder {
  readonly tasks: readonly TaskStanding[];
  /** Tasks that are not named are not active. */
  readonly isSnapshot: boolean;
}

/** A connection of a task that was cut. */
export interface CutConnection {
  /** Address of the peer, or id of the call. */
  readonly ref: string;
  readonly evidence: Evidence;
}

/** What was cut of a task, at the revision that asked for it. */
export interface CutReport {
  readonly taskId: TaskId;
  readonly revision: bigint;
  readonly connections: readonly CutConnection[];
  /** That none is left. */
  readonly evidence: Evidence;
}

/** Takes what the feed tells. */
export interface StandingReceiver {
  /** Applies an order, cuts what may not go on, and tells what was cut. */
  apply(order: StandingOrder): Promise<readonly CutReport[]>;
  /** The server was alive at this instant, in ms of the monotonic clock and in Unix ms. */
  heard(proof: { readonly monotonicMs: number; readonly unixMs: number }): void;
}

/** A connection of a task that was accepted; with evidence: that is gone. */
export interface ToldConnection {
  readonly ref: string;
  readonly evidence?: Evidence | undefined;
}

/** Source of the standings: the server's guard stream. */
export interface TaskFeed {
  /** Tells the server of a connection that a task holds here. What can't be told now is not told later: a cut tells of all. */
  connection(taskId: TaskId, connection: ToldConnection): void;
  /** Follows the server until the signal is aborted: connects again whenever it has to. */
  run(receiver: StandingReceiver, signal: AbortSignal): Promise<void>;
}
