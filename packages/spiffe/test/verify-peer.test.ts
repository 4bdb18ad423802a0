// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BundleSet,
  SpiffeBundle,
  TrustDomain,
  verifyPeer,
  X509Bundle,
  X509SvidError,
  type VerifyPeerOptions,
} from "../src/index.ts";
import {
  der,
  ecKeys,
  extension,
  inMinutes,
  KU,
  make,
  makeBytes,
  makeCa,
  makeLeaf,
  now,
  type Made,
  type Spec,
} from "./certificate-maker.ts";
import { codeOf } from "./code-of.ts";

const td = TrustDomain.parse("td");
const root = makeCa();
const intermediate = makeCa({ subject: "intermediate", issuer: root });
const leaf = makeLeaf(root);
const deepLeaf = makeLeaf(intermediate);
const serverAuth = "1.3.6.1.5.5.7.3.1";
const clientAuth = "1.3.6.1.5.5.7.3.2";
const emailProtection = "1.3.6.1.5.5.7.3.4";
const codeSigning = "1.3.6.1.5.5.7.3.3";

const certificates = (...made: readonly Made[]): Made["certificate"][] => made.map((each) => each.certificate);
const trusting = (...roots: readonly Made[]): BundleSet<X509Bundle> =>
  BundleSet.of(new X509Bundle(td, certificates(...roots)));
function verdict(
  chain: readonly Made[],
  roots: readonly Made[] = [root],
  options: Partial<VerifyPeerOptions> = {},
): string {
  return codeOf(() => verifyPeer(certificates(...chain), trusting(...roots), { now, ...options }));
}
const leafVerdict = (spec: Spec): string => verdict([makeLeaf(root, spec)]);

/** From the bytes: the certificate itself may be one that is not even read. */
function verdictOfBytes(spec: Spec): string {
  const bytes = makeBytes({ issuer: root, isCa: false, keyUsage: KU.digitalSignature, ...spec });
  return codeOf(() => verifyPeer([bytes], trusting(root), { now }));
}

describe("rules of a leaf", () => {
  it("X509-02 takes DNS names and addresses beside the one URI", () => {
    expect(leafVerdict({ dnsNames: ["db.example.org"], ips: ["10.0.0.1"] })).toBe("accepted");
  });

  it("X509-14 X509-24 refuses a signing certificate as a peer", () => {
    expect(verdict([root])).toBe("ROOT_PATH");
    expect(verdict([makeCa({ issuer: root, uris: ["spiffe://td/ca"] })])).toBe("LEAF_IS_CA");
    expect(leafVerdict({ isCa: true, keyUsage: KU.digitalSignature })).toBe("LEAF_IS_CA");
  });

  it("X509-20 MTL-D02 refuses more than one URI, whatever the other is", () => {
    expect(leafVerdict({ uris: ["spiffe://td/w", "https://x/"] })).toBe("MULTIPLE_URI_SAN");
    expect(leafVerdict({ uris: ["https://x/", "spiffe://td/w"] })).toBe("MULTIPLE_URI_SAN");
    expect(leafVerdict({ uris: ["spiffe://td/w", "spiffe://td/w"] })).toBe("MULTIPLE_URI_SAN");
  });

  it("X509-21 MTL-D03 refuses a leaf without URI, whatever its other names say", () => {
    expect(leafVerdict({ uris: [] })).toBe("NO_URI_SAN");
    expect(leafVerdict({ uris: [], dnsNames: ["spiffe://td/w"] })).toBe("NO_URI_SAN");
    expect(leafVerdict({ uris: [], subject: "spiffe://td/w" })).toBe("NO_URI_SAN");
  });

  it("MTL-D03 takes the ID from no other kind of name", () => {
    const id = Buffer.from("spiffe://td/w");
    // rfc822Name, dNSName, registeredID, otherName with a UTF8String in it, directoryName with the ID as CN.
    const commonName = der(0x30, der(0x31, der(0x30, Buffer.from("0603550403", "hex"), der(0x0c, id))));
    const otherName = der(0xa0, Buffer.from("06032a0304", "hex"), der(0xa0, der(0x0c, id)));
    for (const name of [
      der(0x81, id),
      der(0x82, id),
      Buffer.from("88032a0304", "hex"),
      otherName,
      der(0xa4, commonName),
    ])
      expect(leafVerdict({ uris: [], more: [extension("2.5.29.17", der(0x30, name), true)] })).toBe("NO_URI_SAN");
  });

  it("MTL-D10 refuses a URI with octets that are no ASCII, or hidden in the name", () => {
    for (const octets of [
      Buffer.from("spiffe://td/w\xff", "latin1"),
      Buffer.from("spiffe://td\xff/w", "latin1"),
      Buffer.from("spiffe://td/w\0", "latin1"),
      Buffer.from("spiffe://td\0.evil.org/w", "latin1"),
      Buffer.from("spiffe://td/\u00e9", "utf8"),
      Buffer.from("spiffe://td/w\r\nX: y", "latin1"),
    ]) {
      const names = extension("2.5.29.17", der(0x30, der(0x86, octets)), true);
      expect(["BAD_SPIFFE_ID", "MALFORMED"]).toContain(verdictOfBytes({ uris: [], more: [names] }));
    }
  });

  it("X509-22 MTL-D10 refuses a URI that is no SPIFFE ID", () => {
    for (const uri of [
      "sparfe://td/w",
      "https://td/w",
      "spiffe://td/w\0",
      "spiffe://td/w, URI:spiffe://td/admin",
      "SPIFFE://td/w",
    ])
      expect(leafVerdict({ uris: [uri] })).toBe("BAD_SPIFFE_ID");
  });

  it("X509-23 MTL-D09 refuses an ID without a path", () => {
    expect(leafVerdict({ uris: ["spiffe://td"] })).toBe("ROOT_PATH");
  });

  it("X509-25 MTL-D04 refuses a leaf that may sign certificates or revocation lists, each with its code", () => {
    expect(leafVerdict({ keyUsage: KU.digitalSignature | KU.keyCertSign })).toBe("LEAF_KEY_CERT_SIGN");
    expect(leafVerdict({ keyUsage: KU.digitalSignature | KU.crlSign })).toBe("LEAF_CRL_SIGN");
  });

  it("X509-26 refuses a leaf without a critical key usage that has digitalSignature", () => {
    expect(leafVerdict({ keyUsage: KU.keyEncipherment })).toBe("LEAF_NO_DIGITAL_SIGNATURE");
    expect(leafVerdict({ keyUsage: undefined })).toBe("LEAF_NO_DIGITAL_SIGNATURE");
    expect(leafVerdict({ keyUsageCritical: false })).toBe("LEAF_NO_DIGITAL_SIGNATURE");
    expect(leafVerdict({ keyUsage: KU.digitalSignature | KU.keyEncipherment })).toBe("accepted");
  });

  it("X509-05 takes a leaf without basic constraints: absent means no CA", () => {
    expect(leafVerdict({ isCa: undefined })).toBe("accepted");
  });

  it("X509-28 MTL-D08 needs no extended key usage, and one that is there must fit", () => {
    for (const role of ["client", "server", undefined] as const)
      expect(verdict([leaf], [root], { role })).toBe("accepted");
    const forClients = makeLeaf(root, { purposes: [clientAuth] });
    const forServers = makeLeaf(root, { purposes: [serverAuth] });
    expect(verdict([forClients], [root], { role: "client" })).toBe("accepted");
    expect(verdict([forClients], [root], { role: "server" })).toBe("WRONG_EKU");
    expect(verdict([forServers], [root], { role: "client" })).toBe("WRONG_EKU");
    expect([verdict([forClients]), verdict([forServers])]).toEqual(["accepted", "accepted"]);
    for (const purpose of [emailProtection, codeSigning]) {
      expect(leafVerdict({ purposes: [purpose] })).toBe("WRONG_EKU");
      const ca = makeCa({ subject: "other", issuer: root, purposes: [purpose] });
      expect(verdict([makeLeaf(ca), ca])).toBe("WRONG_EKU");
    }
    const mail = makeCa({ subject: "mail", issuer: root, purposes: [emailProtection] });
    expect(verdict([makeLeaf(mail), mail])).toBe("WRONG_EKU");
    const clientsCa = makeCa({ subject: "clients", issuer: root, purposes: [clientAuth] });
    expect(verdict([makeLeaf(clientsCa, { purposes: [serverAuth] }), clientsCa])).toBe("WRONG_EKU");
  });

  it("X509-29 looks at no host name, and gives the ID for the caller to judge", () => {
    const peer = verifyPeer(
      certificates(makeLeaf(root, { dnsNames: ["right.example.org"], uris: ["spiffe://td/other"] })),
      trusting(root),
      { now },
    );
    expect(peer.id.toString()).toBe("spiffe://td/other");
  });

  it("tells the claimed ID beside the code", () => {
    expect.assertions(2);
    try {
      verifyPeer(certificates(leaf), BundleSet.of<X509Bundle>(), { now });
    } catch (error) {
      expect(error).toBeInstanceOf(X509SvidError);
      expect(error).toMatchObject({ code: "NO_BUNDLE", claimedId: "spiffe://td/w" });
    }
  });
});

describe("choice of the bundle", () => {
  const otherRoot = makeCa({ subject: "other root", uris: ["spiffe://b"] });
  const b = TrustDomain.parse("b");

  it("X509-30 SVID-05 FED-17 MTL-D01 trusts only the authorities of the leaf's own trust domain", () => {
    const bundles = trusting(root).with(new X509Bundle(b, [otherRoot.certificate]));
    const code = (issuer: Made, uri: string): string =>
      codeOf(() => verifyPeer(certificates(makeLeaf(issuer, { uris: [uri] })), bundles, { now }));
    expect(code(root, "spiffe://td/w")).toBe("accepted");
    expect(code(otherRoot, "spiffe://b/w")).toBe("accepted");
    expect(code(root, "spiffe://b/w")).toBe("UNTRUSTED");
    expect(code(otherRoot, "spiffe://td/w")).toBe("UNTRUSTED");
    expect(code(root, "spiffe://unknown/w")).toBe("NO_BUNDLE");
  });

  it("X509-30 takes no bundle of another trust domain from a source that mixes them up", () => {
    const wrong = { get: (): X509Bundle => new X509Bundle(b, [root.certificate]) };
    expect(codeOf(() => verifyPeer(certificates(leaf), wrong, { now }))).toBe("NO_BUNDLE");
  });

  it("X509-31 BUNDLE-09 MTL-D15 refuses everything under an empty bundle", () => {
    expect(verdict([leaf], [])).toBe("UNTRUSTED");
    expect(codeOf(() => verifyPeer(certificates(leaf), trusting(root).without(td), { now }))).toBe("NO_BUNDLE");
  });

  it("X509-43 refuses leaves of a trust domain that publishes no X.509 authorities", () => {
    const parsed = SpiffeBundle.parse(td, '{"keys":[]}').x509();
    expect(codeOf(() => verifyPeer(certificates(leaf), BundleSet.of(parsed), { now }))).toBe("UNTRUSTED");
  });

  it("X509-32 asks the source anew each time", () => {
    let bundle = new X509Bundle(td, [root.certificate]);
    const source = { get: (): X509Bundle => bundle };
    expect(codeOf(() => verifyPeer(certificates(leaf), source, { now }))).toBe("accepted");
    bundle = new X509Bundle(td, []);
    expect(codeOf(() => verifyPeer(certificates(leaf), source, { now }))).toBe("UNTRUSTED");
  });

  it("X509-33 takes an authority that is not self-signed", () => {
    expect(verdict([deepLeaf, intermediate], [intermediate])).toBe("accepted");
    expect(verdict([deepLeaf], [intermediate])).toBe("accepted");
  });
});

describe("X509-27 path", () => {
  it("X509-13 P1 P2 P5 P6 takes a path to the root, with the root or strangers beside it", () => {
    const unrelated = makeCa({ subject: "unrelated" });
    expect(verdict([leaf])).toBe("accepted");
    expect(verdict([deepLeaf, intermediate])).toBe("accepted");
    expect(verdict([deepLeaf, intermediate, root])).toBe("accepted");
    expect(verdict([deepLeaf, intermediate, unrelated])).toBe("accepted");
    const second = makeCa({ subject: "second", issuer: intermediate });
    expect(verdict([makeLeaf(second), second, intermediate])).toBe("accepted");
  });

  it("P3 P4 refuses a gap, and an intermediate in the leaf's place", () => {
    expect(verdict([deepLeaf])).toBe("UNTRUSTED");
    expect(verdict([intermediate, deepLeaf])).toBe("ROOT_PATH");
  });

  it("P7 P8 MTL-D05 refuses signers without the right", () => {
    const notCa = makeCa({ subject: "intermediate", issuer: root, isCa: false, keyUsage: KU.digitalSignature });
    expect(verdict([makeLeaf(notCa), notCa])).toBe("SIGNER_NOT_CA");
    const plain = makeCa({ subject: "plain", issuer: root, isCa: undefined, keyUsage: undefined });
    expect(verdict([makeLeaf(plain), plain])).toBe("SIGNER_NOT_CA");
    const noSign = makeCa({ subject: "intermediate", issuer: root, keyUsage: KU.crlSign });
    expect(verdict([makeLeaf(noSign), noSign])).toBe("SIGNER_NO_KEY_CERT_SIGN");
    const workload = makeLeaf(root, { subject: "workload" });
    expect(verdict([makeLeaf(workload, { uris: ["spiffe://td/admin"] }), workload])).toBe("SIGNER_NOT_CA");
  });

  it("P9 MTL-D06 refuses a path that is too long", () => {
    const short = makeCa({ pathLength: 0 });
    const below = makeCa({ subject: "intermediate", issuer: short });
    expect(verdict([makeLeaf(below), below], [short])).toBe("PATH_LEN");
    expect(verdict([makeLeaf(short)], [short])).toBe("accepted");
  });

  it("P10 P11 P12 MTL-D07 refuses outside the validity of any member, to the second", () => {
    const [notBefore, notAfter] = [inMinutes(-5), inMinutes(5)];
    const at = (base: Date, seconds: number): Date => new Date(base.getTime() + seconds * 1000);
    const brief = makeLeaf(root, { notBefore, notAfter });
    const on = (date: Date): string => verdict([brief], [root], { now: date });
    expect([on(notAfter), on(at(notAfter, 1)), on(notBefore), on(at(notBefore, -1))]).toEqual([
      "accepted",
      "EXPIRED",
      "accepted",
      "NOT_YET_VALID",
    ]);
    const old = makeCa({ subject: "old", issuer: root, notAfter: inMinutes(-1) });
    expect(verdict([makeLeaf(old), old])).toBe("EXPIRED");
    const oldRoot = makeCa({ notAfter: inMinutes(-1) });
    expect(verdict([makeLeaf(oldRoot)], [oldRoot])).toBe("EXPIRED");
  });

  it("P13 P19 MTL-D16 refuses a changed signature and a namesake's", () => {
    const bytes = Buffer.from(leaf.certificate.der);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    expect(codeOf(() => verifyPeer([bytes], trusting(root), { now }))).toBe("UNTRUSTED");
    expect(verdict([makeLeaf(makeCa())])).toBe("UNTRUSTED");
  });

  it("P14 P15 MTL-D13 refuses an unknown critical extension anywhere, and ignores one that is not critical", () => {
    const unknown = (critical: boolean): Buffer => extension("1.3.6.1.4.1.55555.1", der(0x05), critical);
    expect(leafVerdict({ more: [unknown(true)] })).toBe("UNKNOWN_CRITICAL");
    expect(leafVerdict({ more: [unknown(false)] })).toBe("accepted");
    const odd = makeCa({ subject: "odd", issuer: root, more: [unknown(true)] });
    expect(verdict([makeLeaf(odd), odd])).toBe("UNKNOWN_CRITICAL");
    const oddRoot = makeCa({ more: [unknown(true)] });
    expect(verdict([makeLeaf(oddRoot)], [oddRoot])).toBe("UNKNOWN_CRITICAL");
  });

  it("P16 P17 follows the bundle through a rotation", () => {
    const next = makeCa();
    const fresh = makeLeaf(next);
    expect([verdict([leaf], [root, next]), verdict([fresh], [root, next])]).toEqual(["accepted", "accepted"]);
    expect([verdict([leaf], [next]), verdict([fresh], [next])]).toEqual(["UNTRUSTED", "accepted"]);
  });

  it("P18 refuses a self-signed leaf that the bundle itself lists", () => {
    const own = make({ subject: "own", isCa: false, keyUsage: KU.digitalSignature, uris: ["spiffe://td/w"] });
    expect(verdict([own], [own])).not.toBe("accepted");
    expect(verdict([own], [own, root])).not.toBe("accepted");
  });

  it("P20 finds the path among certificates of one name and key", () => {
    const other = makeCa({ subject: "Q" });
    const crossed = makeCa({ subject: "intermediate", keys: intermediate.keys, issuer: other });
    expect(verdict([deepLeaf, intermediate, crossed], [other])).toBe("accepted");
  });

  it("P21 refuses SHA-1", () => {
    expect(leafVerdict({ signatureHash: "sha1" })).toBe("WEAK_SIGNATURE");
  });

  it("P22 P23 P24 refuses no certificate, too many, and bytes after one", () => {
    expect(verdict([])).toBe("NO_CERTS");
    for (const count of [9, 17]) expect(verdict(Array.from({ length: count }, () => leaf))).toBe("TOO_LARGE");
    expect(verdict(Array.from({ length: 8 }, () => leaf))).toBe("accepted");
    expect(
      codeOf(() => verifyPeer([Buffer.concat([leaf.certificate.der, Buffer.of(0)])], trusting(root), { now })),
    ).toBe("MALFORMED");
    expect(codeOf(() => verifyPeer([new Uint8Array()], trusting(root), { now }))).toBe("MALFORMED");
  });

  it("gives the path with its authority and the earliest end", () => {
    const short = makeCa({ subject: "short", issuer: root, notAfter: inMinutes(3) });
    const peer = verifyPeer(certificates(makeLeaf(short), short), trusting(root), { now });
    expect(peer.chain.map((certificate) => certificate.commonName)).toEqual([undefined, "short", "root"]);
    expect(peer.notAfter).toEqual(inMinutes(3));
  });

  it("refuses when any member of the path is revoked", () => {
    for (const revoked of [deepLeaf, intermediate, root])
      expect(verdict([deepLeaf, intermediate], [root], { revoked: (c) => c.equals(revoked.certificate) })).toBe(
        "REVOKED",
      );
    expect(verdict([deepLeaf, intermediate], [root], { revoked: (c) => c.equals(leaf.certificate) })).toBe("accepted");
  });
});

describe("X509-16 MTL-D13 name constraints", () => {
  const constrained = (kind: "permitted" | "excluded", ...hosts: string[]): Made => {
    const trees = hosts.map((host) => der(0x30, der(0x86, Buffer.from(host))));
    const body = der(0x30, der(kind === "permitted" ? 0xa0 : 0xa1, ...trees));
    return makeCa({ subject: "constrained", issuer: root, more: [extension("2.5.29.30", body, true)] });
  };
  const under = (ca: Made, spec: Spec): string => {
    const made = makeLeaf(ca, spec);
    const [uri = "spiffe://td/w"] = spec.uris ?? [];
    const bundle = new X509Bundle(TrustDomain.parse(uri), [root.certificate]);
    return codeOf(() => verifyPeer(certificates(made, ca), BundleSet.of(bundle), { now }));
  };

  it("of DNS names hold a leaf's DNS names, and are not passed over for its URI", () => {
    const tree = der(0x30, der(0x82, Buffer.from("example.org")));
    const limited = (tag: number): Made =>
      makeCa({ subject: "dns", issuer: root, more: [extension("2.5.29.30", der(0x30, der(tag, tree)), true)] });
    const [permitted, excluded] = [limited(0xa0), limited(0xa1)];
    expect(under(permitted, { dnsNames: ["db.example.org"], uris: ["spiffe://td/w"] })).toBe("accepted");
    expect(under(permitted, { dnsNames: ["db.example.com"], uris: ["spiffe://td/w"] })).toBe("NAME_CONSTRAINT");
    expect(under(excluded, { dnsNames: ["db.example.org"], uris: ["spiffe://td/w"] })).toBe("NAME_CONSTRAINT");
    expect(under(excluded, { dnsNames: ["db.example.com"], uris: ["spiffe://td/w"] })).toBe("accepted");
  });

  it("hold a leaf to a host", () => {
    const ca = constrained("permitted", "example.org");
    expect(under(ca, { uris: ["spiffe://example.org/w"] })).toBe("accepted");
    expect(under(ca, { uris: ["spiffe://sub.example.org/w"] })).toBe("NAME_CONSTRAINT");
    expect(under(ca, { uris: ["spiffe://other.org/w"] })).toBe("NAME_CONSTRAINT");
    expect(under(ca, { uris: [], dnsNames: ["example.org"] })).toBe("NO_URI_SAN");
  });

  it("hold a leaf to what is below a domain", () => {
    const ca = constrained("permitted", ".example.org");
    expect(under(ca, { uris: ["spiffe://a.example.org/w"] })).toBe("accepted");
    expect(under(ca, { uris: ["spiffe://example.org/w"] })).toBe("NAME_CONSTRAINT");
  });

  it("keep a leaf off a host", () => {
    const ca = constrained("excluded", "bad.org");
    expect(under(ca, { uris: ["spiffe://bad.org/w"] })).toBe("NAME_CONSTRAINT");
    expect(under(ca, { uris: ["spiffe://good.org/w"] })).toBe("accepted");
  });

  it("take a trust domain with an underscore", () => {
    expect(under(constrained("permitted", "my_td"), { uris: ["spiffe://my_td/w"] })).toBe("accepted");
  });
});

describe("properties", () => {
  it("bytes changed anywhere are refused with a code, or the change is outside what was signed and used", () => {
    const chain = [deepLeaf.certificate.der, intermediate.certificate.der];
    const bundles = trusting(root);
    fc.assert(
      fc.property(fc.nat(1), fc.nat(2_000), fc.integer({ min: 1, max: 255 }), (which, at, flip) => {
        const changed = chain.map((bytes) => Buffer.from(bytes));
        const target = changed[which];
        if (target === undefined) return;
        const position = at % target.length;
        target.writeUInt8(target.readUInt8(position) ^ flip, position);
        expect(codeOf(() => verifyPeer(changed, bundles, { now }))).not.toBe("accepted");
      }),
      { numRuns: 300 },
    );
  });

  it("any bytes are refused with a code", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 10 }), (chain) => {
        expect(codeOf(() => verifyPeer(chain, trusting(root), { now }))).not.toBe("accepted");
      }),
      { numRuns: 300 },
    );
  });

  it("keys of a curve that is not allowed are refused before use", () => {
    expect(verdict([makeLeaf(root, { keys: ecKeys("secp256k1") })])).toBe("UNSUPPORTED_KEY");
  });
});
