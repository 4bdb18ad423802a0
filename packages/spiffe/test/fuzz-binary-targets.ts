// SPDX-License-Identifier: Apache-2.0
import { assertHolds, attempt, type FuzzTarget } from "@mayfly/testkit";
import {
  BundleSet,
  PeerVerifier,
  Revocations,
  TrustDomain,
  verifyPeer,
  X509Bundle,
  X509SvidError,
} from "../src/index.ts";
import { makeCa, makeLeaf, now } from "./certificate-maker.ts";
import { makeList } from "./list-maker.ts";

const latin1 = (text: string): Uint8Array => Buffer.from(text, "latin1");
const root = makeCa();
const middle = makeCa({ subject: "middle", issuer: root });
const leaf = makeLeaf(middle);
const chain = [leaf.certificate.der, middle.certificate.der];
const x509Bundles = BundleSet.of(new X509Bundle(TrustDomain.parse("td"), [root.certificate]));
const verifier = new PeerVerifier({ bundles: x509Bundles });
const peer: FuzzTarget = {
  seeds: [...chain, makeLeaf(root).certificate.der, root.certificate.der],
  words: ["spiffe://td/w", "0\0", "\x82\xff\xff", "\x30\x80", "\x06\x03U\x1d\x11"].map(latin1),
  error: X509SvidError,
  run: (input) => {
    for (const candidate of [
      [input, middle.certificate.der],
      [leaf.certificate.der, input],
      [input, input],
    ]) {
      attempt(() => verifyPeer(candidate, x509Bundles, { now }), X509SvidError);
      attempt(() => verifier.verify(candidate, now), X509SvidError);
    }
    const verified = verifyPeer([input], x509Bundles, { now });
    assertHolds(verified.id.trustDomain.name === "td", "a peer of another trust domain is accepted");
  },
};

const leafList = makeList({ issuer: middle, revoked: [leaf] });
const lists: FuzzTarget = {
  seeds: [leafList, makeList({ issuer: root, revoked: [] })],
  words: ["\x02\x01\x01", "\x30\x80", "\x17\x0d", "\xa0\x82", "\x82\xff\xff"].map(latin1),
  error: X509SvidError,
  run: (input) => {
    const revokes = !attempt(() => {
      verifyPeer(chain, x509Bundles, { now, revocations: Revocations.of([input]) });
    }, X509SvidError);
    assertHolds(!revokes || leafList.equals(input), "a list that nobody signed revokes");
  },
};

/** Parsers of bytes, by name. */
export const binaryTargets: Readonly<Record<string, FuzzTarget>> = { peer, lists };
