// SPDX-License-Identifier: Apache-2.0
// Bundles.
export { PolicyBundle, type LoadOptions } from "./bundle/policy-bundle.ts";
export { type PolicyEvent, PolicyStore } from "./bundle/policy-store.ts";
export { type BundleTexts, readBundleFiles, readPolicyFiles } from "./bundle/bundle-texts.ts";
export { writeManifest } from "./bundle/manifest.ts";
export { signManifest } from "./bundle/manifest-signature.ts";
export { starterPolicies } from "./bundle/starter-policies.ts";
export { builtInSchema } from "./engine/built-in-schema.ts";
export type { TimeLimit } from "./engine/compiled-policies.ts";
// Decisions.
export { Principal, type PrincipalFields, type TaskFacts } from "./decision/principal.ts";
export type { ApprovalFacts, CallRequest, PolicyAction, ToolFacts } from "./decision/call-request.ts";
export type { Decision, DecisionReason, RequestProblem } from "./decision/decision.ts";
export type { CedarEntity, CedarRequest, CedarValue, EntityName } from "./engine/cedar.ts";
export type { Evaluation, EvaluationError, EvaluationFailure } from "./engine/evaluation.ts";
// For people.
export { explainRequest } from "./explain/explain-request.ts";
export { explain, type Explanation, type PolicyExplanation } from "./explain/explain.ts";
export type { Unmet } from "./explain/policy-parts.ts";
export { type PolicyTestReport, type PolicyTestResult, runPolicyTests } from "./policy-test/run-tests.ts";
export type { ExpectedOutcome } from "./policy-test/read-tests.ts";
// AuthZEN 1.0.
export {
  type AuthZenAction,
  type AuthZenDecision,
  type AuthZenEntity,
  type AuthZenEvaluation,
  type AuthZenProperties,
  parseEvaluation,
} from "./authzen/evaluation.ts";
export {
  answerEvaluations,
  type AuthZenEvaluations,
  type DecideEvaluation,
  type EvaluationsSemantic,
  parseEvaluations,
} from "./authzen/evaluations.ts";
export { AuthZenError, type AuthZenErrorCode } from "./authzen/authzen-error.ts";
export { type AuthZenMetadata, createMetadata, metadataPath } from "./authzen/metadata.ts";
export { decisionAnswer, evaluationOfCall, type NamedCall, readCall } from "./authzen/call-evaluation.ts";
export { PolicyError, type PolicyErrorCode } from "./errors.ts";
