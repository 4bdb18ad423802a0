// SPDX-License-Identifier: Apache-2.0
import type { PolicyBundle } from "../bundle/policy-bundle.ts";
import type { Decision } from "../decision/decision.ts";
import { type Cedar, type CedarRequest, startCedar } from "../engine/cedar.ts";
import { PolicyError } from "../errors.ts";
import { PolicyParts, type Unmet } from "./policy-parts.ts";

/** What one policy says to a request. */
export interface PolicyExplanation {
  readonly id: string;
  readonly effect: "permit" | "forbid";
  /** Its author's `@why`. */
  readonly why?: string | undefined;
  /** It permits, or forbids, this request. */
  readonly applies: boolean;
  /** What would have to change for it to apply. */
  readonly unmet: readonly Unmet[];
}

/** Why a decision is what it is. */
export interface Explanation {
  readonly decision: Decision;
  /** By id. */
  readonly policies: readonly PolicyExplanation[];
  /** Forbids that apply: each alone makes it a no, until it no longer applies. */
  readonly blockers: readonly string[];
  /** Where nothing permits: the permits with the fewest unmet parts. */
  readonly closest: readonly string[];
}

/**
 * Explains a decision from its inputs, by the bundle at hand: the digest tells whether it is the one that decided then. For operators:
 * tells what the policies look at.
 * @throws {PolicyError} ENGINE_FAILED
 */
export function explain(bundle: PolicyBundle, inputs: CedarRequest): Explanation {
  const replayed = bundle.replay(inputs);
  const decision = { ...replayed, requestable: bundle.isRequestable(replayed) };
  try {
    const policies = explainPolicies(bundle, inputs);
    const applying = (effect: PolicyExplanation["effect"]): PolicyExplanation[] =>
      policies.filter((each) => each.applies && each.effect === effect);
    const closest = applying("permit").length > 0 ? [] : closestOf(policies);
    return { decision, policies, blockers: applying("forbid").map(({ id }) => id), closest };
  } catch (cause) {
    throw new PolicyError("ENGINE_FAILED", "the policy engine can't explain this request", { cause });
  }
}

function explainPolicies({ policies }: PolicyBundle, inputs: CedarRequest): PolicyExplanation[] {
  const cedar = startCedar();
  const parts = new PolicyParts(cedar, inputs);
  return Object.keys(policies)
    .sort()
    .map((id) => explainPolicy(cedar, parts, [id, policies[id] ?? ""]));
}

function explainPolicy(cedar: Cedar, parts: PolicyParts, [id, text]: readonly [string, string]): PolicyExplanation {
  const answer = cedar.policyToJson(text);
  if (answer.type === "failure") throw new TypeError(`policy ${id} can't be read`);
  const { effect, annotations } = answer.json;
  const unmet = parts.unmet(answer.json);
  return { id, effect, why: annotations?.["why"], applies: unmet.length === 0, unmet };
}

function closestOf(policies: readonly PolicyExplanation[]): string[] {
  const permits = policies.filter(({ effect }) => effect === "permit");
  const fewest = Math.min(...permits.map(({ unmet }) => unmet.length));
  return permits.filter(({ unmet }) => unmet.length === fewest).map(({ id }) => id);
}
