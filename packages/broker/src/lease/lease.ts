// SPDX-License-Identifier: Apache-2.0
import type { Evidence } from "@mayfly/tasks";

/** `stuck`: ended, but not proven yet; it is tried for ever. `gone` has evidence. */
export type LeaseState = "issuing" | "live" | "revoking" | "stuck" | "gone";

/** `brokered`: the broker holds the credential and carries the bytes. `leased`: the tool server has it. */
export type LeaseMode = "brokered" | "leased";

/** A lease as the server has it. */
export interface Lease {
  readonly id: string;
  readonly taskId: string;
  readonly callId: string;
  readonly target: string;
  readonly mode: LeaseMode;
  readonly state: LeaseState;
  /** Name at the back-end. */
  readonly account: string;
  /** SPIFFE ID of the tool server that it was given to; nobody else may use or end it. */
  readonly holder: string;
  readonly notAfter: Date;
}

/** What a lease is asked for with. */
export interface LeaseRequest {
  /** The gateway's statement of the call. */
  readonly statement: string;
  readonly target: string;
  readonly mode: LeaseMode;
  readonly holder: string;
  readonly ttlSeconds: number;
  /** What the account's name is to begin with. */
  readonly accountPrefix: string;
}

/** What became of a lease. */
export interface LeaseReport {
  readonly id: string;
  readonly state: LeaseState;
  readonly evidence?: Evidence | undefined;
  /** Why it is stuck: a code and a text without secrets. */
  readonly problem?: string | undefined;
}
