// SPDX-License-Identifier: Apache-2.0

/** A policy that could not be evaluated. Cedar skips such a policy; here it makes the answer a no. */
export interface EvaluationError {
  readonly policyId: string;
  /** For operators; may quote names of attributes and types. */
  readonly message: string;
}

/**
 * Why there is no answer by the policies: `REQUEST_REFUSED` the request does not fit the schema · `EVALUATION_ERROR` at least one
 * policy failed · `ENGINE_FAILED` the engine threw or trapped · `TIME_LIMIT` the answer came too late.
 */
export type EvaluationFailure = "REQUEST_REFUSED" | "EVALUATION_ERROR" | "ENGINE_FAILED" | "TIME_LIMIT";

/** What the policies say to one request. */
export interface Evaluation {
  readonly allowed: boolean;
  /** The policies that decided: permits of an allow, forbids of a deny; empty where none permits. */
  readonly policyIds: readonly string[];
  readonly errors: readonly EvaluationError[];
  /** There = denied for this reason, whatever the policies say. */
  readonly failure?: EvaluationFailure | undefined;
}
