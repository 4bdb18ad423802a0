// SPDX-License-Identifier: Apache-2.0
import type { PolicyBundle } from "../bundle/policy-bundle.ts";
import { readRequestDocument } from "../policy-test/read-tests.ts";
import { explain, type Explanation } from "./explain.ts";

/**
 * Explains what would be decided about a request that a person wrote (YAML or JSON, parsed), in the form of a policy test. Decides
 * nothing: its principal is assumed. What is refused before the policies are asked has no policies in its explanation.
 * @throws {PolicyError} TEST_MALFORMED, ENGINE_FAILED
 */
export function explainRequest(bundle: PolicyBundle, document: unknown): Explanation {
  const decision = bundle.authorize(readRequestDocument(document));
  if (decision.inputs === undefined) return { decision, policies: [], blockers: [], closest: [] };
  return { ...explain(bundle, decision.inputs), decision };
}
