// SPDX-License-Identifier: Apache-2.0
// What judging a peer costs: node --conditions=@mayfly/source packages/spiffe/test/bench.ts
// One line of JSON, in microseconds: the best of seven rounds over 400 chains. "own" is what comes on top of a plain verification of
// each signature in the path. Never part of the tests.
import { verify } from "node:crypto";
import { BundleSet, PeerVerifier, Revocations, TrustDomain, verifyPeer, X509Bundle } from "../src/index.ts";
import { makeCa, makeLeaf, now, type Made } from "./certificate-maker.ts";
import { makeList } from "./list-maker.ts";

const rounds = 7;
const count = 400;

function cost(action: (index: number) => unknown): number {
  const times = Array.from({ length: rounds }, () => {
    const from = performance.now();
    for (let index = 0; index < count; index += 1) action(index);
    return ((performance.now() - from) * 1_000) / count;
  });
  return Math.round(Math.min(...times) * 10) / 10;
}

const root = makeCa();
const middle = makeCa({ subject: "middle", issuer: root });
const bundles = BundleSet.of(new X509Bundle(TrustDomain.parse("td"), [root.certificate]));
const leaves = (issuer: Made): Made[] => Array.from({ length: count }, () => makeLeaf(issuer));
const derOf = (made: readonly Made[]): Uint8Array[] => made.map(({ certificate }) => certificate.der);
const at = <T>(list: readonly T[], index: number): T => {
  const value = list[index];
  if (value === undefined) throw new RangeError("no such chain");
  return value;
};

const [direct, deep] = [leaves(root), leaves(middle)];
function signatureCost(): number {
  return cost((index) => {
    const { tbs, signature: bytes } = at(direct, index).certificate;
    verify("sha256", tbs, root.keys.publicKey, bytes);
  });
}
signatureCost();
const signature = signatureCost();
const unlisted = Array.from({ length: 1_000 }, () => makeLeaf(root));
const revocations = Revocations.of([makeList({ issuer: root, revoked: unlisted })]);
const figures: Record<string, number> = { "P-256 verification": signature };
for (const [name, chains, links] of [
  ["1 link", direct.map((leaf) => derOf([leaf])), 1],
  ["2 links", deep.map((leaf) => derOf([leaf, middle])), 2],
] as const) {
  const unseen = cost((index) => verifyPeer(at(chains, index), bundles, { now, role: "client", revocations }));
  const verifier = new PeerVerifier({ bundles, role: "client", revocations: () => revocations });
  for (const chain of chains) verifier.verify(chain, now);
  // A verifier of its own for each, so that nothing is seen twice.
  const first = cost((index) => new PeerVerifier({ bundles, role: "client" }).verify(at(chains, index), now));
  figures[`${name}: verifyPeer`] = unseen;
  figures[`${name}: PeerVerifier, not seen`] = first;
  figures[`${name}: PeerVerifier, not seen, own`] = Math.round((first - links * signature) * 10) / 10;
  figures[`${name}: PeerVerifier, seen`] = cost((index) => verifier.verify(at(chains, index), now));
}
console.log(JSON.stringify({ node: process.version, ...figures }));
