// SPDX-License-Identifier: Apache-2.0

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
  const base = parseDecisionPoint(policyDecisionPoint).href.replace(/\/$/, "");
  return {
    policy_decision_point: policyDecisionPoint,
    access_evaluation_endpoint: `${base}/access/v1/evaluation`,
    access_evaluations_endpoint: `${base}/access/v1/evaluations`,
  };
}

/**
 * Path of the document at the decision point's host: the decision point's own path comes after the well-known one. AuthZEN 1.0 §9.2.
 * @throws {RangeError} as `createMetadata`
 */
export function metadataPath(policyDecisionPoint: string): string {
  return `/.well-known/authzen-configuration${parseDecisionPoint(policyDecisionPoint).pathname.replace(/\/$/, "")}`;
}

function parseDecisionPoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "https:" || url.username !== "" || /[?#]/.test(text)) {
    throw new RangeError("a decision point is an https URL without query and fragment");
  }
  return url;
}
