// SPDX-License-Identifier: Apache-2.0
import type { Int64 } from "../../message.ts";

/** A ticket (secret) and the selectors, `type:value`, of the process that shows it. */
export interface RedeemTicketRequest {
  readonly ticket: string;
  readonly selectors: readonly string[];
}

/** The task that the process is now bound to; its deadline in Unix milliseconds. */
export interface RedeemTicketResponse {
  readonly task_id: string;
  readonly spiffe_id: string;
  readonly not_after_ms: Int64;
  readonly tier: string;
}

/** One message of a guard; `step` names the field that is set. */
export interface GuardMessage {
  readonly step?: "hello" | "beat" | "report" | undefined;
  readonly hello?: GuardHello | undefined;
  readonly beat?: GuardBeat | undefined;
  readonly report?: GuardReport | undefined;
}

/** First message of a Watch stream; `kind` is agent, gateway or broker. */
export interface GuardHello {
  readonly kind: string;
  readonly version: string;
  /** How long ago the guard's process started; 0 = not told. */
  readonly process_age_ms: Int64;
}

/** Shows that the guard lives, and the last order that it took. `sequence` counts the beats of a stream from 1. */
export interface GuardBeat {
  readonly seen_revision: Int64;
  readonly sequence: Int64;
}

/** What a guard did about a task at a revision; `done` = nothing of it is left there. */
export interface GuardReport {
  readonly task_id: string;
  readonly revision: Int64;
  readonly grants: readonly GrantReport[];
  readonly done: boolean;
}

/** One grant of a report. `evidence_json` is JSON and proves `gone`; `problem` says what stands in the way of it. */
export interface GrantReport {
  readonly grant_id: string;
  readonly kind: string;
  readonly ref: string;
  readonly gone: boolean;
  readonly evidence_json: string;
  readonly problem: string;
}

/**
 * One message of the server. In a snapshot, a task that is not named is not active. `answered` is the last beat that the server had read
 * when it made the order and knew that it was up to date.
 */
export interface GuardOrder {
  readonly revision: Int64;
  /** Answers a beat and says nothing else. */
  readonly beat: boolean;
  readonly tasks: readonly TaskStanding[];
  readonly snapshot: boolean;
  readonly answered: Int64;
  /** A part of a snapshot, and others follow: the whole counts with the part that does not say so. */
  readonly more: boolean;
}

/** The whole state of a task as a guard needs it; `scope_json` is JSON (RFC 8785), the deadline in Unix milliseconds. */
export interface TaskStanding {
  readonly task_id: string;
  readonly parent_id: string;
  readonly agent: string;
  readonly owner: string;
  readonly spiffe_id: string;
  readonly state: string;
  readonly tier: string;
  readonly not_after_ms: Int64;
  readonly revision: Int64;
  readonly scope_json: string;
  readonly depth: number;
}
