// SPDX-License-Identifier: Apache-2.0
import { SpiffeError } from "@mayfly/spiffe";

/**
 * Of a request: `BAD_REQUEST` · `UNKNOWN_TARGET` · `UNKNOWN_LEASE` none, or somebody else's · `TASK_NOT_ACTIVE` unknown, suspended, ending or
 * past its end · `FENCED` nothing was heard of the server for longer than the task's tier allows · `REFUSED` by the server, see `reason` ·
 * `TOO_MANY` leases at once · `CLOSING`. Of a target: `TARGET_UNSAFE` its set-up would let access outlive a lease, see `problems` ·
 * `TARGET_UNAVAILABLE` · `BAD_ACCOUNT` a name that no lease may have. Of an end: `STILL_ALIVE` a check found access; it goes on being tried.
 * Of the broker: `LISTEN_FAILED` · `NOT_A_BROKER` the server does not know its SPIFFE ID as one of its brokers.
 */
export type LeaseErrorCode =
  | "BAD_REQUEST"
  | "UNKNOWN_TARGET"
  | "UNKNOWN_LEASE"
  | "TASK_NOT_ACTIVE"
  | "FENCED"
  | "REFUSED"
  | "TOO_MANY"
  | "CLOSING"
  | "TARGET_UNSAFE"
  | "TARGET_UNAVAILABLE"
  | "BAD_ACCOUNT"
  | "STILL_ALIVE"
  | "LISTEN_FAILED"
  | "NOT_A_BROKER";

/** A lease could not be given, used or ended. No secret in it. */
export class LeaseError extends SpiffeError {
  readonly code: LeaseErrorCode;
  /** With REFUSED: the server's own code. */
  readonly reason: string;
  /** With TARGET_UNSAFE: all that is wrong. */
  readonly problems: readonly string[];

  constructor(
    code: LeaseErrorCode,
    message: string,
    options: ErrorOptions & { readonly reason?: string; readonly problems?: readonly string[] } = {},
  ) {
    super(message, options);
    this.code = code;
    this.reason = options.reason ?? "";
    this.problems = options.problems ?? [];
  }
}
