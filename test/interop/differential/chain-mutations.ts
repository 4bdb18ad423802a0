// SPDX-License-Identifier: Apache-2.0
import { sign, type KeyObject } from "node:crypto";
import { type BaseChain, otherDomain, ownDomain } from "./chain-bases.ts";
import { changeDer, join, partsOf, replaceUri } from "./der-tree.ts";
import type { Random } from "./random.ts";

/** A chain and what it is judged by. */
export interface ChainCase {
  readonly kind: "x509";
  /** What was done to it. */
  readonly mutation: string;
  /** DER, leaf first. */
  readonly chain: readonly Uint8Array[];
  /** DER of the authorities by trust domain. */
  readonly bundles: Readonly<Record<string, readonly Uint8Array[]>>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

interface Draft extends BaseChain {
  chain: Uint8Array[];
  bundles: Record<string, Uint8Array[]>;
  now: number;
}

const uris: readonly string[] = [
  "spiffe://example.org",
  "spiffe://example.org/",
  "spiffe://example.org//a",
  "spiffe://example.org/a/../b",
  "spiffe://example.org/%61",
  "spiffe://example.org/a?b",
  "spiffe://example.org/a#b",
  "spiffe://example.org:80/a",
  "spiffe://user@example.org/a",
  "spiffe://EXAMPLE.org/a",
  "SPIFFE://example.org/a",
  "spiffe:example.org/a",
  "spiffe:///a",
  "https://example.org/a",
  "spiffe://example.org/a b",
  "spiffe://example.org/é",
  "spiffe://example.org/a\u0000b",
  `spiffe://example.org/${"a".repeat(2_100)}`,
  `spiffe://${"a".repeat(256)}/a`,
  "spiffe://example.org/.",
  "spiffe://example.org/a_-.~b",
  "spiffe://example.org/a.b_c-D9",
  "spiffe://other.test/a",
  "spiffe://third.test/a",
  "spiffe://exa_mple.org/a",
  "spiffe://example.org\\a",
  "",
  " spiffe://example.org/a",
  "spiffe://[::1]/a",
  "spiffe://example.org/a\n",
];

function resigned(
  der: Uint8Array,
  key: KeyObject | undefined,
  change: (tbs: Buffer) => Buffer | undefined,
): Uint8Array {
  const parts = partsOf(der);
  if (key === undefined || parts === undefined) return der;
  const { tbs, algorithm } = parts;
  const changed = change(tbs) ?? tbs;
  return join(changed, algorithm, sign("sha256", changed, key));
}

function changeBytes(der: Uint8Array, random: Random): Uint8Array {
  const octets = [...der];
  const at = random.below(octets.length);
  const kind = random.below(4);
  if (kind === 0) octets[at] = random.below(256);
  else if (kind === 1) octets.splice(at, 1 + random.below(4));
  else if (kind === 2) octets.splice(at, 0, ...octets.slice(at, at + 1 + random.below(4)));
  else octets.push(random.below(256));
  return Uint8Array.from(octets);
}

type Mutation = (draft: Draft, random: Random, bases: readonly BaseChain[]) => void;

const mutations: Readonly<Record<string, Mutation>> = {
  none: () => undefined,
  "bytes of a certificate": (draft, random) => {
    const at = random.below(draft.chain.length);
    draft.chain[at] = changeBytes(draft.chain[at] ?? new Uint8Array(), random);
  },
  "structure of a certificate, signed again": (draft, random) => {
    const at = random.below(draft.chain.length);
    const count = 1 + random.below(2);
    draft.chain[at] = resigned(draft.chain[at] ?? new Uint8Array(), draft.signers[at], (tbs) =>
      changeDer(tbs, count, random),
    );
  },
  "structure of the root, signed again": (draft, random) => {
    const root = resigned(draft.root, draft.rootKey, (tbs) => changeDer(tbs, 1, random));
    for (const authorities of Object.values(draft.bundles))
      authorities.forEach((authority, index) => {
        if (authority === draft.root) authorities[index] = root;
      });
  },
  "another URI name, signed again": (draft, random) => {
    const uri = random.pick(uris);
    draft.chain[0] = resigned(draft.chain[0] ?? new Uint8Array(), draft.signers[0], (tbs) => replaceUri(tbs, uri));
  },
  "order of the chain": (draft, random) => {
    const from = random.below(draft.chain.length);
    const [moved] = draft.chain.splice(from, 1);
    if (moved !== undefined) draft.chain.splice(random.below(draft.chain.length + 1), 0, moved);
  },
  "members of the chain": (draft, random, bases) => {
    const kind = random.below(4);
    const other = random.pick(bases);
    if (kind === 0) draft.chain.splice(random.below(draft.chain.length), 1);
    else if (kind === 1) draft.chain.push(...draft.chain.slice(random.below(draft.chain.length)));
    else if (kind === 2) draft.chain.push(...other.chain.slice(1), other.root);
    else draft.chain = [...draft.chain, ...other.chain, ...random.pick(bases).chain, ...random.pick(bases).chain];
  },
  time: (draft, random) => {
    const edges = [-86_400_000, -30_000, 3_600_000, 86_400_000];
    // Around both ends of validity, to the millisecond.
    draft.now += random.pick(edges) + random.pick([-1_001, -1_000, -999, -1, 0, 1, 499, 999, 1_000, 1_001, 7_777]);
  },
  bundles: (draft, random, bases) => {
    const kind = random.below(7);
    const other = random.pick(bases);
    if (kind === 0) draft.bundles = {};
    else if (kind === 1) delete draft.bundles[ownDomain];
    else if (kind === 2) draft.bundles[ownDomain] = [];
    else if (kind === 3) draft.bundles = { [ownDomain]: [other.root], [otherDomain]: [draft.root] };
    else if (kind === 4) draft.bundles[ownDomain] = [...draft.chain.slice(1), other.root];
    else if (kind === 5) draft.bundles[ownDomain] = draft.chain.slice(0, 1);
    else draft.bundles[ownDomain] = [...bases.slice(0, 20).map(({ root }) => root), draft.root];
  },
};

const names = Object.keys(mutations);

/** A chain with one mutation, sometimes two, in a world where everything was right. */
export function chainCase(bases: readonly BaseChain[], now: number, random: Random): ChainCase {
  const base = random.pick(bases);
  const bundles: Record<string, Uint8Array[]> = { [ownDomain]: [], [otherDomain]: [] };
  for (const one of [base, random.pick(bases)]) bundles[domainOf(one, bases)]?.push(one.root);
  const draft: Draft = { ...base, chain: [...base.chain], bundles, now };
  const chosen = [random.pick(names), ...(random.chance(15) ? [random.pick(names)] : [])];
  for (const name of chosen) if (draft.chain.length > 0) mutations[name]?.(draft, random, bases);
  const { chain, now: at } = draft;
  return { kind: "x509", mutation: chosen.join(" + "), chain, bundles: draft.bundles, now: at };
}

/** The last third of the bases is of the other trust domain. */
function domainOf(base: BaseChain, bases: readonly BaseChain[]): string {
  return bases.indexOf(base) < (bases.length / 3) * 2 ? ownDomain : otherDomain;
}
