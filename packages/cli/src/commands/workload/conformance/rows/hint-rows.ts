// SPDX-License-Identifier: Apache-2.0
import { firstMessage, type Observation } from "../observation.ts";
import { allOf, demand, type Finding, type Row, unseen } from "../row.ts";
import { sameOrder } from "../stream-watch.ts";

const maxHintBytes = 1024;

/** Hints of each answer that has some entries. */
function hintLists({ x509, tokens, wit }: Observation): string[][] {
  const svids = [
    firstMessage(x509)?.svids ?? [],
    tokens.one.kind === "answer" ? tokens.one.message.svids : [],
    wit.kind === "answer" ? wit.message.svids : [],
  ];
  return svids.map((list) => list.map(({ hint }) => hint)).filter((list) => list.length > 0);
}

function perAnswer(check: (hints: readonly string[]) => Finding): Row["check"] {
  return (seen) => {
    const lists = hintLists(seen);
    return lists.length === 0 ? unseen("needs an identity") : allOf(lists.map(check));
  };
}

function distinct(hints: readonly string[]): Finding {
  const named = hints.filter((hint) => hint !== "");
  return demand(new Set(named).size === named.length, "two SVIDs of an answer have the same hint");
}

function short(hints: readonly string[]): Finding {
  return demand(
    hints.every((hint) => Buffer.byteLength(hint) <= maxHintBytes),
    "a hint has more than 1024 bytes",
  );
}

function stableOrder({ x509 }: Observation): Finding {
  const { watched, second, atEnd } = x509;
  const lists = [watched.first, second, atEnd].flatMap((opening) =>
    opening.kind === "answer" ? [opening.message.svids.map(({ spiffe_id, hint }) => `${spiffe_id} ${hint}`)] : [],
  );
  if (!lists.some((list) => list.length > 1)) return unseen("needs two identities");
  const same = lists.every((list) => sameOrder(lists[0] ?? [], list)) && !watched.reordered;
  return demand(same, "the identities change places");
}

/** Workload API §7 and §8: hints, and which identity is the default. */
export const hintRows: readonly Row[] = [
  { id: "WLAPI-50", level: "MUST", title: "hints of an answer are distinct", check: perAnswer(distinct) },
  { id: "WLAPI-52", level: "SHOULD", title: "hints: 1024 bytes at most", check: perAnswer(short) },
  { id: "WLAPI-53", level: "MUST", title: "identities keep their order", check: stableOrder },
];
