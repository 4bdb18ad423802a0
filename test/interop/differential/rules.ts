// SPDX-License-Identifier: Apache-2.0
import { chainRules } from "./chain-rules.ts";
import type { ChainCase } from "./chain-mutations.ts";
import type { Rules } from "./rule.ts";
import { tokenRules } from "./token-rules.ts";
import type { TokenCase } from "./token-mutations.ts";
import type { Verdict } from "./verdicts.ts";

/** What both validators said of one case. */
export interface Disagreement {
  readonly one: ChainCase | TokenCase;
  readonly ours: Verdict;
  readonly theirs: Verdict;
}

function nameOf<Case>(
  { refused, accepted }: Rules<Case>,
  { one, ours, theirs }: Disagreement & { readonly one: Case },
): string | undefined {
  if (!ours.ok && theirs.ok) return refused.find((rule) => rule.fits(ours, one))?.name;
  if (ours.ok && !theirs.ok) return accepted.find((rule) => rule.fits(theirs, one))?.name;
  return undefined;
}

/** The rule that a disagreement falls under; undefined: nobody has looked at it yet. */
export function ruleOf({ one, ...verdicts }: Disagreement): string | undefined {
  return one.kind === "x509" ? nameOf(chainRules, { one, ...verdicts }) : nameOf(tokenRules, { one, ...verdicts });
}

/** The reason of each rule by name. */
export const reasons: ReadonlyMap<string, string> = new Map(
  [...chainRules.refused, ...chainRules.accepted, ...tokenRules.refused, ...tokenRules.accepted].map(
    ({ name, reason }) => [name, reason],
  ),
);
