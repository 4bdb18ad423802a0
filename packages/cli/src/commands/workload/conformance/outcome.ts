// SPDX-License-Identifier: Apache-2.0
import { statusName } from "../../../status-name.ts";

/** How a call came out: its first message, or the status that it ended with before one. */
export type Outcome<T> = Answer<T> | Refusal;

/** A message. */
interface Answer<T> {
  readonly kind: "answer";
  readonly message: T;
  /** Since the call began. */
  readonly ms: number;
}

/** A status; 0 is a stream that ended well without a message. */
export interface Refusal {
  readonly kind: "status";
  readonly code: number;
  /** What the endpoint said, or the library in its place. Not for output. */
  readonly text: string;
  readonly ms: number;
}

/** gRPC codes that rows speak of. */
export const code = {
  ok: 0,
  invalidArgument: 3,
  deadlineExceeded: 4,
  permissionDenied: 7,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** Whether the call ended with this status before any message. */
export function endedWith(outcome: Outcome<unknown>, status: number): boolean {
  return outcome.kind === "status" && outcome.code === status;
}

/** In words: `an answer`, `PERMISSION_DENIED`, `no answer in time`, `an end without a message`. */
export function describeOutcome(outcome: Outcome<unknown>): string {
  if (outcome.kind === "answer") return "an answer";
  if (outcome.code === code.ok) return "an end without a message";
  return outcome.code === code.deadlineExceeded ? "no answer in time" : statusName(outcome.code);
}
