// SPDX-License-Identifier: Apache-2.0
import type { Verdict } from "./verdicts.ts";

/** A refusal by one of the two. */
type Refusal = Extract<Verdict, { readonly ok: false }>;

/** One kind of disagreement, looked at by a person. */
export interface Rule<Case> {
  readonly name: string;
  readonly reason: string;
  /** `refusal` is that of the side that refuses. */
  fits(refusal: Refusal, one: Case): boolean;
}

/** Rules for what only we refuse, and for what only go-spiffe refuses. */
export interface Rules<Case> {
  readonly refused: readonly Rule<Case>[];
  readonly accepted: readonly Rule<Case>[];
}

/** A rule for one of our codes, and a part of the message where the code means more than one thing. */
export function coded<Case>(name: string, codes: RegExp, reason: string, message = /^/): Rule<Case> {
  return { name, reason, fits: (refusal) => codes.test(refusal.code) && message.test(refusal.message) };
}
