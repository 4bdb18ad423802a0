// SPDX-License-Identifier: Apache-2.0
import { array, assert, boolean, constantFrom, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BundleSet,
  PeerVerifier,
  Revocations,
  TrustDomain,
  verifyPeer,
  X509Bundle,
  X509SvidError,
  type VerifiedPeer,
} from "../src/index.ts";
import { der, extension, inMinutes, KU, makeCa, makeLeaf, now, type Made, type Spec } from "./certificate-maker.ts";
import { codeOf } from "./code-of.ts";
import { makeList } from "./list-maker.ts";

const td = TrustDomain.parse("td");
const root = makeCa();
const middle = makeCa({ subject: "middle", issuer: root });
const leaf = makeLeaf(middle);
const derOf = (...made: readonly Made[]): Uint8Array[] => made.map(({ certificate }) => certificate.der);
const bundleOf = (...made: readonly Made[]): X509Bundle =>
  new X509Bundle(
    td,
    made.map(({ certificate }) => certificate),
  );
const good = derOf(leaf, middle);

/** A verifier whose bundle and revocations can be exchanged, and that counts how often each was asked for. */
function world(bundle: X509Bundle | undefined = bundleOf(root)): {
  readonly verifier: PeerVerifier;
  state: { bundle: X509Bundle | undefined; revocations: Revocations | undefined };
} {
  const state: { bundle: X509Bundle | undefined; revocations: Revocations | undefined } = {
    bundle,
    revocations: undefined,
  };
  const verifier = new PeerVerifier({ bundles: { get: () => state.bundle }, revocations: () => state.revocations });
  return { verifier, state };
}

describe("PeerVerifier", () => {
  it("gives what verifyPeer gives, the first time and from memory", () => {
    const { verifier } = world();
    const plain = verifyPeer(good, BundleSet.of(bundleOf(root)), { now });
    const first = verifier.verify(good, now);
    const again = verifier.verify(derOf(leaf, middle), now);
    for (const peer of [first, again]) {
      expect([peer.id.toString(), peer.notAfter]).toEqual([plain.id.toString(), plain.notAfter]);
      expect(peer.chain.map(({ fingerprint }) => fingerprint)).toEqual(plain.chain.map((c) => c.fingerprint));
    }
    // From memory: the very certificates that were read before.
    expect(again.chain[0]).toBe(verifier.verify(good, now).chain[0]);
    expect(verifier.size).toBe(1);
  });

  it("takes certificates already read, and knows them for the same chain", () => {
    const { verifier } = world();
    verifier.verify(good, now);
    verifier.verify([leaf.certificate, middle.certificate], now);
    expect(verifier.size).toBe(1);
  });

  it("MTL-D07 looks at the clock each time", () => {
    const brief = makeLeaf(root, { notBefore: inMinutes(-5), notAfter: inMinutes(5) });
    const { verifier } = world();
    const at = (minutes: number, ms = 0): string =>
      codeOf(() => verifier.verify(derOf(brief), new Date(inMinutes(minutes).getTime() + ms)));
    expect(at(0)).toBe("accepted");
    expect([at(5, 999), at(5, 1_000), at(60), at(-5), at(-5, -1), at(0)]).toEqual([
      "accepted",
      "EXPIRED",
      "EXPIRED",
      "accepted",
      "NOT_YET_VALID",
      "accepted",
    ]);
    expect(codeOf(() => verifier.verify(derOf(brief), new Date(Number.NaN)))).toBe("EXPIRED");
  });

  it("X509-32 MTL-D15 BUNDLE-09 forgets with the bundle", () => {
    const { verifier, state } = world();
    const code = (): string => codeOf(() => verifier.verify(good, now));
    expect(code()).toBe("accepted");
    state.bundle = bundleOf();
    expect([code(), verifier.size]).toEqual(["UNTRUSTED", 0]);
    state.bundle = undefined;
    expect(code()).toBe("NO_BUNDLE");
    state.bundle = bundleOf(root);
    expect([code(), verifier.size]).toEqual(["accepted", 1]);
    state.bundle = new X509Bundle(TrustDomain.parse("b"), [root.certificate]);
    expect([code(), verifier.size]).toEqual(["NO_BUNDLE", 0]);
  });

  it("forgets with one trust domain's bundle only what rests on it", () => {
    const b = TrustDomain.parse("b");
    let bundles = BundleSet.of(bundleOf(root), new X509Bundle(b, [root.certificate]));
    const verifier = new PeerVerifier({ bundles: { get: (trustDomain) => bundles.get(trustDomain) } });
    const foreign = derOf(makeLeaf(root, { uris: ["spiffe://b/w"] }));
    for (const chain of [good, derOf(makeLeaf(root)), foreign]) verifier.verify(chain, now);
    bundles = bundles.with(bundleOf(root));
    verifier.verify(foreign, now);
    expect(verifier.size).toBe(3);
    verifier.verify(good, now);
    expect(verifier.size).toBe(2);
  });

  it("forgets when other revocations come", () => {
    const { verifier, state } = world();
    const code = (): string => codeOf(() => verifier.verify(good, now));
    expect(code()).toBe("accepted");
    state.revocations = Revocations.of([makeList({ issuer: middle, revoked: [leaf] })]);
    expect([code(), code(), verifier.size]).toEqual(["REVOKED", "REVOKED", 0]);
    state.revocations = Revocations.of([]);
    expect([code(), verifier.size]).toEqual(["accepted", 1]);
  });

  it("remembers no refusal", () => {
    const { verifier, state } = world(bundleOf());
    expect(codeOf(() => verifier.verify(good, now))).toBe("UNTRUSTED");
    expect(codeOf(() => verifier.verify([], now))).toBe("NO_CERTS");
    expect(codeOf(() => verifier.verify([new Uint8Array(70_000)], now))).toBe("TOO_LARGE");
    expect(verifier.size).toBe(0);
    state.bundle = bundleOf(root);
    expect(codeOf(() => verifier.verify(good, now))).toBe("accepted");
  });

  it("tells chains apart by every octet and by where certificates end", () => {
    const { verifier } = world();
    verifier.verify(good, now);
    const [first = new Uint8Array(), second = new Uint8Array()] = good;
    expect(codeOf(() => verifier.verify([Buffer.concat([first, second])], now))).toBe("MALFORMED");
    expect(codeOf(() => verifier.verify([first], now))).toBe("UNTRUSTED");
    expect(codeOf(() => verifier.verify([second, first], now))).toBe("ROOT_PATH");
    const split = [first.subarray(0, 10), first.subarray(10), second];
    expect(codeOf(() => verifier.verify(split, now))).toBe("MALFORMED");
    expect(codeOf(() => verifier.verify([...good, new Uint8Array()], now))).toBe("MALFORMED");
  });

  it("keeps the role of its peers", () => {
    const forClients = derOf(makeLeaf(root, { purposes: ["1.3.6.1.5.5.7.3.2"] }));
    const verifierFor = (role: "client" | "server"): PeerVerifier =>
      new PeerVerifier({ bundles: { get: () => bundleOf(root) }, role });
    expect(codeOf(() => verifierFor("client").verify(forClients, now))).toBe("accepted");
    expect(codeOf(() => verifierFor("server").verify(forClients, now))).toBe("WRONG_EKU");
  });

  it("is not changed by what its callers do to bytes, dates and paths", () => {
    const { verifier } = world();
    const bytes = good.map((certificate) => Buffer.from(certificate));
    const peer = verifier.verify(bytes, now);
    bytes[0]?.fill(0);
    peer.notAfter.setTime(0);
    const again = verifier.verify(good, now);
    expect(again.notAfter).toEqual(inMinutes(60));
    again.notAfter.setTime(0);
    expect(() => (again.chain as VerifiedPeer["chain"][number][]).pop()).toThrow(TypeError);
    expect(verifier.verify(good, now).notAfter).toEqual(inMinutes(60));
  });
});

describe("PeerVerifier beside verifyPeer", () => {
  const unknown = extension("1.3.6.1.4.1.55555.1", der(0x05), true);
  const below = (issuer: Made, spec: Spec = {}): Made[] => [
    makeLeaf(issuer, spec),
    ...(issuer === root ? [] : [issuer]),
  ];
  // The same authority, certified anew for a later time and by another root.
  const next = makeCa({ subject: "next", notBefore: inMinutes(-10), notAfter: inMinutes(90) });
  const renewed = makeCa({ subject: "middle", keys: middle.keys, issuer: root, notBefore: inMinutes(20) });
  const crossed = makeCa({ subject: "middle", keys: middle.keys, issuer: next, notAfter: inMinutes(15) });
  const [early, late] = [makeLeaf(root, { notAfter: inMinutes(5) }), makeLeaf(root, { notBefore: inMinutes(5) })];
  const notCa = makeCa({ subject: "no CA", issuer: root, isCa: false, keyUsage: KU.digitalSignature });
  const chains: readonly (readonly Made[])[] = [
    [leaf, middle],
    [leaf, renewed],
    [leaf, crossed],
    [leaf, middle, renewed, crossed],
    [leaf, crossed, renewed],
    [leaf],
    [early],
    [late],
    below(next),
    below(root, { uris: ["spiffe://b/w"] }),
    below(next, { uris: ["spiffe://b/w"] }),
    below(notCa),
    ...[
      { uris: [] },
      { uris: ["spiffe://td"] },
      { uris: ["spiffe://td/a/"] },
      { isCa: true },
      { keyUsage: undefined },
      { more: [unknown] },
      { purposes: ["1.3.6.1.5.5.7.3.4"] },
      { signatureHash: "sha1" as const },
    ].map((spec) => below(root, spec)),
    [],
  ];
  const b = TrustDomain.parse("b");
  const bOf = (...made: readonly Made[]): X509Bundle => new X509Bundle(b, bundleOf(...made).authorities);
  const bundleSets = [
    BundleSet.of(bundleOf(root)),
    BundleSet.of(bundleOf(root, next), bOf(next)),
    BundleSet.of(bundleOf(next, root, renewed), bOf(root, next)),
    BundleSet.of(bundleOf(middle)),
    BundleSet.of(bundleOf()),
    BundleSet.of<X509Bundle>(),
  ];
  const lists = [
    makeList({ issuer: middle, revoked: [leaf], signer: root.keys }),
    makeList({ issuer: middle, revoked: [leaf] }),
    makeList({ issuer: root, revoked: [renewed, early] }),
    makeList({ issuer: next, revoked: [crossed] }),
    Buffer.from("no list"),
  ];
  const revocations = [
    undefined,
    ...[[], [0, 4], [1], [2], [3], [2, 3]].map((some) => Revocations.of(some.flatMap((index) => lists[index] ?? []))),
  ];
  const step = record({
    chain: constantFrom(...chains),
    minutes: constantFrom(-70, -60, -10, -1, 0, 5, 10, 15, 16, 20, 21, 59, 60, 90, 91),
    ms: integer({ min: -1, max: 1_001 }),
    bundles: constantFrom(...bundleSets),
    revocations: constantFrom(...revocations),
    stay: boolean(),
  });

  /** The path and its end, or the code and what else the error says. */
  function outcome(verify: () => VerifiedPeer): unknown {
    try {
      const { id, chain, notAfter } = verify();
      return [id.toString(), chain.map(({ fingerprint }) => fingerprint), notAfter.getTime()];
    } catch (error) {
      if (!(error instanceof X509SvidError)) throw error;
      return [error.code, error.message, error.claimedId, error.serialNumber];
    }
  }

  it.each(["client", "server", undefined] as const)("decides the same for role %s, whatever came before", (role) => {
    const seen = new Set<unknown>();
    assert(
      property(array(step, { minLength: 1, maxLength: 30 }), (steps) => {
        let { bundles, revocations: current } = steps[0] ?? {
          bundles: BundleSet.of<X509Bundle>(),
          revocations: undefined,
        };
        const verifier = new PeerVerifier({
          bundles: { get: (trustDomain) => bundles.get(trustDomain) },
          revocations: () => current,
          role,
        });
        for (const each of steps) {
          if (!each.stay) [bundles, current] = [each.bundles, each.revocations];
          const at = new Date(inMinutes(each.minutes).getTime() + each.ms);
          const bytes = derOf(...each.chain);
          const expected = outcome(() => verifyPeer(bytes, bundles, { now: at, role, revocations: current }));
          expect(outcome(() => verifier.verify(bytes, at))).toEqual(expected);
          expect(outcome(() => verifier.verify(bytes, at))).toEqual(expected);
          seen.add(Array.isArray(expected) ? expected[0] : undefined);
        }
      }),
      { numRuns: 200 },
    );
    // The sequences are worth something only if they meet acceptance and the refusals that time, bundle and lists cause.
    for (const code of [
      "spiffe://td/w",
      "spiffe://b/w",
      "REVOKED",
      "EXPIRED",
      "NOT_YET_VALID",
      "UNTRUSTED",
      "NO_BUNDLE",
    ])
      expect(seen).toContain(code);
  });
});
