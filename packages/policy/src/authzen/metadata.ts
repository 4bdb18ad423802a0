// SPDX-License-Identifier: Apache-2.0

/** Where the metadata lies, below the decision point's URL. AuthZEN 1.0 §9.2. */
export const metadataPath = "/.well-known/authzen-configuration";

/** The metadata document. AuthZEN 1.0 §9.1. */
export interface AuthZenMetadata {
  readonly policy_decision_point: string;
  readonly access_evaluation_endpoint: string;
  readonly access_evaluations_endpoint: string;
}

/**
 * Describes a decision point with both evaluation endpoints at their default paths.
 * @throws {RangeError} not an https URL without user, query and fragment
 */
export function createMetadata(policyDecisionPoint: string): AuthZenMetadata {
  const url = URL.canParse(policyDecisionPoint) ? new URL(policyDecisionPoint) : undefined;
  if (url?.protocol !== "https:" || url.username !== "" || /[?#]/.test(policyDecisionPoint)) {
    throw new RangeError("a decision point is an https URL without query and fragment");
  }
  const base = policyDecisionPoint.replace(/\/$/, "");
  return {
    policy_decision_point: policyDecisionPoint,
    access_evaluation_endpoint: `${base}/access/v1/evaluation`,
    access_evaluations_endpoint: `${base}/access/v1/evaluations`,
  };
}
