// SPDX-License-Identifier: Apache-2.0
import type { TaskState, Tier } from "@mayfly/tasks";
import type { Instant } from "./silence.ts";

/** What the server says of a task. */
export interface TaskStanding {
  readonly taskId: string;
  readonly state: TaskState;
  readonly tier: Tier;
  readonly notAfter: Date;
  readonly revision: number;
}

/** One message of the server. */
export interface GuardOrder {
  readonly tasks: readonly TaskStanding[];
  /** Tasks that are not named are not active. */
  readonly isSnapshot: boolean;
  /** When the server is proven to have been alive and up to date: the time at which the beat was sent that this answers, not that of the answer. */
  readonly provenAt?: Instant | undefined;
}

/** What was done about a task. */
export interface GuardReport {
  readonly taskId: string;
  readonly revision: number;
  readonly leases: readonly { readonly id: string; readonly isGone: boolean; readonly problem: string }[];
  /** Nothing of it is left here. */
  readonly isDone: boolean;
}

/** The stream of task states from the server, with its heartbeat. */
export interface GuardFeed {
  /**
   * Orders as they come; one without tasks is an answer to a beat, about every second. Begins with a snapshot. Ends or throws when the stream is
   * lost; it is then asked for again.
   * @throws {LeaseError} NOT_A_BROKER
   */
  watch(options: { readonly signal: AbortSignal }): AsyncIterable<GuardOrder>;
  /** May be lost: the same is reported with the next change, and with every snapshot. */
  report(report: GuardReport): Promise<void>;
}
