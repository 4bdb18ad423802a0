// SPDX-License-Identifier: Apache-2.0
import { SpiffeError } from "@mayfly/spiffe";

/** `MALFORMED` not what AuthZEN asks for · `TOO_MANY` more evaluations than are answered at once · `NOT_OURS` well-formed, but about nothing that we decide. */
export type AuthZenErrorCode = "MALFORMED" | "TOO_MANY" | "NOT_OURS";

/** A request that gets no decision: HTTP 400 with the message as its text, or `context.error` inside of a batch. AuthZEN 1.0 §10.1. */
export class AuthZenError extends SpiffeError {
  readonly code: AuthZenErrorCode;
  readonly status = 400 as const;

  constructor(code: AuthZenErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
