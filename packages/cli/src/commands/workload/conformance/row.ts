// SPDX-License-Identifier: Apache-2.0
import { printable } from "../../../failure.ts";
import type { Observation } from "./observation.ts";

/** How strongly the standard asks. */
type Level = "MUST" | "SHOULD" | "MAY";

/** What a row comes to: `warn` is a broken SHOULD or MAY, `not seen` says in its detail what would be needed to see it. */
export type Verdict = "pass" | "fail" | "warn" | "not seen";

/** What a check found. */
export type Finding =
  | { readonly kind: "kept" }
  | { readonly kind: "broken"; readonly detail: string }
  | { readonly kind: "unseen"; readonly detail: string };

/** One requirement, with the check that what was observed is held against. Several rows may share an id. */
export interface Row {
  readonly id: string;
  readonly level: Level;
  /** Own words, at most 8. */
  readonly title: string;
  check(seen: Observation): Finding;
}

/** A row with its verdict. */
export interface JudgedRow {
  readonly id: string;
  readonly level: Level;
  readonly title: string;
  readonly verdict: Verdict;
  /** Why it did not pass; "" when it did. */
  readonly detail: string;
}

const maxDetail = 160;

/** The requirement is met. */
export const kept: Finding = { kind: "kept" };

/** The requirement is not met. What the endpoint said is never part of the detail: it may repeat a token. */
export function broken(detail: string): Finding {
  return { kind: "broken", detail };
}

/** Nothing can be said; the detail tells what is missing. */
export function unseen(detail: string): Finding {
  return { kind: "unseen", detail };
}

/** Kept when the condition holds, else broken. */
export function demand(condition: boolean, detail: string): Finding {
  return condition ? kept : broken(detail);
}

/** The first broken finding; else the first that could not be seen; else kept. */
export function allOf(findings: readonly Finding[]): Finding {
  return findings.find(({ kind }) => kind === "broken") ?? findings.find(({ kind }) => kind === "unseen") ?? kept;
}

function verdictOf({ kind }: Finding, level: Level): Verdict {
  if (kind === "kept") return "pass";
  if (kind === "unseen") return "not seen";
  return level === "MUST" ? "fail" : "warn";
}

/** The verdict on one row. */
export function judged({ id, level, title }: Omit<Row, "check">, finding: Finding): JudgedRow {
  const detail = finding.kind === "kept" ? "" : printable(finding.detail);
  const shown = detail.length > maxDetail ? `${detail.slice(0, maxDetail)}…` : detail;
  return { id, level, title, verdict: verdictOf(finding, level), detail: shown };
}
