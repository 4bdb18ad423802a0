// SPDX-License-Identifier: Apache-2.0
import type { CedarRequest } from "../engine/cedar.ts";
import type { EvaluationError, EvaluationFailure } from "../engine/evaluation.ts";

/** Why a request was not even put to the policies. */
export type RequestProblem =
  | "TOOL_NAME_INVALID"
  | "RESOURCE_NOT_CANONICAL"
  | "TOO_MANY_RESOURCES"
  | "ARGUMENTS_TOO_LARGE"
  | "ARGUMENT_WRONG_TYPE"
  | "APPROVAL_INVALID"
  | "TIME_INVALID";

/** `POLICY_PERMITS` · `POLICY_FORBIDS` · `NO_POLICY_PERMITS` the default · else what stood in the way. */
export type DecisionReason =
  | "POLICY_PERMITS"
  | "POLICY_FORBIDS"
  | "NO_POLICY_PERMITS"
  | EvaluationFailure
  | RequestProblem;

/** The answer to one request, with all that it rests on. */
export interface Decision {
  readonly allowed: boolean;
  readonly reason: DecisionReason;
  /** Which argument it is about. */
  readonly argument?: string | undefined;
  /** The policies that decided, sorted: permits, or forbids; empty where none permits. */
  readonly policyIds: readonly string[];
  /** `sha256:<hex>` of the bundle's canonical manifest. */
  readonly bundleDigest: string;
  /** For operators and alarms, not for the agent. */
  readonly errors: readonly EvaluationError[];
  /** A no that would be a yes with an approval. Still a no. */
  readonly requestable: boolean;
  /** With the bundle of `bundleDigest`, gives the same answer again. Holds the call's arguments. Missing = never put to the policies. */
  readonly inputs?: CedarRequest | undefined;
}
