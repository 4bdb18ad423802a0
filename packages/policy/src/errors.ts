// SPDX-License-Identifier: Apache-2.0
import { SpiffeError } from "@mayfly/spiffe";
import type { Problem } from "@mayfly/tasks";

/**
 * Of a bundle: `BUNDLE_MALFORMED` manifest, names or files that are none · `BUNDLE_TOO_LARGE` over a limit · `DIGEST_MISMATCH` a text
 * is not the one that the manifest names, or is missing, or is not named · `SIGNATURE_MISSING` · `SIGNATURE_INVALID` not by the pinned
 * key · `SCHEMA_INVALID` · `POLICY_INVALID` not Cedar, or refused by strict validation · `BUNDLE_OLDER` a later revision is asked for or in force ·
 * `ENGINE_FAILED` the engine broke on it. Else: `PRINCIPAL_UNKNOWN` the peer is neither agent, task nor operator, or not the task that
 * it is said to be · `TEST_MALFORMED` no policy test document.
 */
export type PolicyErrorCode =
  | "BUNDLE_MALFORMED"
  | "BUNDLE_TOO_LARGE"
  | "DIGEST_MISMATCH"
  | "SIGNATURE_MISSING"
  | "SIGNATURE_INVALID"
  | "SCHEMA_INVALID"
  | "POLICY_INVALID"
  | "BUNDLE_OLDER"
  | "ENGINE_FAILED"
  | "PRINCIPAL_UNKNOWN"
  | "TEST_MALFORMED";

/** Policies, a principal or a test document were refused; what was in force still is. A *no* to a request is a `Decision`, never this. */
export class PolicyError extends SpiffeError {
  readonly code: PolicyErrorCode;
  /** All that is wrong, as far as it could be told: `path` is a file of the bundle or a member of the document. */
  readonly problems: readonly Problem[];

  constructor(
    code: PolicyErrorCode,
    message: string,
    options?: ErrorOptions & { readonly problems?: readonly Problem[] },
  ) {
    super(message, options);
    this.code = code;
    this.problems = options?.problems ?? [];
  }
}

/** Wraps a list of problems that may not be empty; the first one is in the message. */
export function refuseFor(code: PolicyErrorCode, problems: readonly Problem[]): PolicyError {
  const [first] = problems;
  return new PolicyError(code, `${first?.path ?? "bundle"}: ${first?.problem ?? "refused"}`, { problems });
}
