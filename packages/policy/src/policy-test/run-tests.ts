// SPDX-License-Identifier: Apache-2.0
import type { PolicyBundle } from "../bundle/policy-bundle.ts";
import type { Decision } from "../decision/decision.ts";
import { type ExpectedOutcome, type PolicyTest, readPolicyTests } from "./read-tests.ts";

/** What came of one policy test. */
export interface PolicyTestResult {
  readonly name: string;
  readonly passed: boolean;
  readonly expected: ExpectedOutcome;
  readonly got: ExpectedOutcome;
  readonly decision: Decision;
}

/** What came of all of them. */
export interface PolicyTestReport {
  readonly bundleDigest: string;
  readonly passed: number;
  readonly failed: number;
  readonly results: readonly PolicyTestResult[];
  /** Policies that decided in no test, sorted. */
  readonly untested: readonly string[];
}

/**
 * Runs a test document (`readPolicyTests` has its form) against a bundle.
 * @throws {PolicyError} TEST_MALFORMED
 */
export function runPolicyTests(bundle: PolicyBundle, document: unknown): PolicyTestReport {
  const results = readPolicyTests(document).map((test) => runTest(bundle, test));
  const passed = results.filter((each) => each.passed).length;
  const decided = new Set(results.flatMap(({ decision }) => decision.policyIds));
  const untested = Object.keys(bundle.policies)
    .filter((id) => !decided.has(id))
    .sort();
  return { bundleDigest: bundle.digest, passed, failed: results.length - passed, results, untested };
}

function runTest(bundle: PolicyBundle, { name, request, expect, policies }: PolicyTest): PolicyTestResult {
  const decision = bundle.authorize(request);
  const got = decision.allowed ? "allow" : decision.requestable ? "requestable" : "deny";
  const byThose = policies === undefined || policies.toSorted().join() === decision.policyIds.join();
  return { name, passed: got === expect && byThose, expected: expect, got, decision };
}
