// SPDX-License-Identifier: Apache-2.0
import { SelectorSet } from "../selector-set.ts";
import type { ExplainFacts, ExplainQuestion } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { kindOf, shown } from "./wording.ts";

/** Why there is not even an entry to look at. */
export function noEntryFinding(question: ExplainQuestion, facts: ExplainFacts): Finding {
  const { spiffeId, nodeId, selectors } = question;
  const about = { entryId: "", spiffeId: spiffeId ?? "", nodeId: nodeId ?? "" };
  if (selectors?.length === 0) {
    const message = "nothing could be attested of the process";
    return {
      ...about,
      code: "NO_SELECTORS",
      message,
      hint: "see the agent's log for why its workload attestors failed",
    };
  }
  const { trustDomain } = facts;
  const foreign = spiffeId !== undefined && trustDomain !== undefined && !isIn(trustDomain, spiffeId);
  if (foreign) {
    const message = `${spiffeId} is not in trust domain ${trustDomain}`;
    return {
      ...about,
      code: "FOREIGN_TRUST_DOMAIN",
      message,
      hint: `ask for an ID that begins with spiffe://${trustDomain}/`,
    };
  }
  const similar = spiffeId === undefined ? undefined : sameButCase(spiffeId, facts);
  if (similar !== undefined) {
    const message = `no entry is for ${spiffeId}, but one is for ${similar}`;
    return { ...about, code: "SPIFFE_ID_CASE", message, hint: `ask for ${similar}, or: ${createCommand(question)}` };
  }
  const message = spiffeId === undefined ? "no entry demands any of these selectors" : `no entry is for ${spiffeId}`;
  return { ...about, code: "NO_ENTRY", message, hint: createCommand(question) };
}

function isIn(trustDomain: string, spiffeId: string): boolean {
  return spiffeId === `spiffe://${trustDomain}` || spiffeId.startsWith(`spiffe://${trustDomain}/`);
}

function sameButCase(spiffeId: string, { entries }: ExplainFacts): string | undefined {
  const wanted = spiffeId.toLowerCase();
  for (const entry of entries) if (entry.spiffeId.toLowerCase() === wanted) return entry.spiffeId;
  return undefined;
}

function createCommand({ spiffeId, nodeId, selectors }: ExplainQuestion): string {
  const set = SelectorSet.of(selectors ?? []);
  const [best] = [...set].toSorted((a, b) => preference(a) - preference(b));
  const options = [
    `--spiffe-id ${spiffeId ?? "<SPIFFE ID>"}`,
    `--parent-id ${nodeId ?? "<SPIFFE ID of a node>"}`,
    `--selector ${best === undefined ? "<TYPE:VALUE>" : shown(best)}`,
  ];
  return `mayfly entry create ${options.join(" ")}`;
}

/** The user number is what people mean most often. */
function preference(selector: { readonly type: string; readonly value: string }): number {
  return selector.type === "unix" && kindOf(selector) === "uid" ? 0 : 1;
}
