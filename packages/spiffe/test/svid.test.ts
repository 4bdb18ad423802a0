// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from "node:crypto";
import { createCaCertificate, LeafWriter, randomSerialNumber } from "@mayfly/x509";
import { sign, type KeyObject } from "node:crypto";
import { describe, expect, it } from "vitest";
import { BundleSet, parseJwtSvid, SpiffeId, TrustDomain, verifyPeer, X509Bundle, X509Svid } from "../src/index.ts";
import { ecKeys, inMinutes, KU, make, makeCa, makeLeaf, now } from "./certificate-maker.ts";
import { codeOf } from "./code-of.ts";
import { rsaKeys } from "./token-maker.ts";

const td = TrustDomain.parse("td");
const root = makeCa();
const pkcs8 = (made: { keys: { privateKey: KeyObject } }): Buffer =>
  made.keys.privateKey.export({ format: "der", type: "pkcs8" });

describe("X509Svid", () => {
  const intermediate = makeCa({ subject: "intermediate", issuer: root });
  const leaf = makeLeaf(intermediate, { notAfter: inMinutes(5) });
  const chain = Buffer.concat([leaf.certificate.der, intermediate.certificate.der]);

  it("WLAPI-20 reads concatenated DER, leaf first, and an unencrypted PKCS#8 key", () => {
    const svid = X509Svid.parse(chain, pkcs8(leaf), "internal");
    expect(svid.id.toString()).toBe("spiffe://td/w");
    expect(svid.chain.map((certificate) => certificate.fingerprint)).toEqual([
      leaf.certificate.fingerprint,
      intermediate.certificate.fingerprint,
    ]);
    expect([svid.hint, svid.notAfter]).toEqual(["internal", inMinutes(5)]);
    expect(svid.toPem().match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(JSON.stringify(svid.privateKey)).toBe("{}");
  });

  it("X509-34 refuses a private key that is not the leaf's", () => {
    expect(codeOf(() => X509Svid.parse(chain, pkcs8(intermediate)))).toBe("KEY_MISMATCH");
    expect(codeOf(() => X509Svid.parse(chain, pkcs8({ keys: ecKeys("P-384") })))).toBe("KEY_MISMATCH");
  });

  it("X509-35 refuses what follows the leaf unless it is a CA that may sign certificates", () => {
    const withSigner = (signer: { certificate: { der: Uint8Array } }): string =>
      codeOf(() => X509Svid.parse(Buffer.concat([leaf.certificate.der, signer.certificate.der]), pkcs8(leaf)));
    expect(withSigner(makeCa({ isCa: false }))).toBe("SIGNER_NOT_CA");
    expect(withSigner(makeCa({ isCa: undefined }))).toBe("SIGNER_NOT_CA");
    expect(withSigner(makeCa({ keyUsage: KU.crlSign }))).toBe("SIGNER_NO_KEY_CERT_SIGN");
    expect(withSigner(makeCa({ keyUsage: undefined }))).toBe("SIGNER_NO_KEY_CERT_SIGN");
  });

  it("P22 P23 P24 refuses no certificate, too many, and bytes after the last", () => {
    expect(codeOf(() => X509Svid.parse(new Uint8Array(), pkcs8(leaf)))).toBe("NO_CERTS");
    expect(
      codeOf(() => X509Svid.parse(Buffer.concat(Array.from({ length: 17 }, () => leaf.certificate.der)), pkcs8(leaf))),
    ).toBe("TOO_LARGE");
    expect(codeOf(() => X509Svid.parse(Buffer.concat([chain, Buffer.of(0)]), pkcs8(leaf)))).toBe("MALFORMED");
    expect(codeOf(() => X509Svid.parse(new Uint8Array(70_000), pkcs8(leaf)))).toBe("TOO_LARGE");
  });

  it("refuses a key that is no PKCS#8, and says nothing of it", () => {
    for (const key of [
      new Uint8Array(),
      Buffer.from("-----BEGIN"),
      pkcs8(leaf).subarray(1),
      pkcs8(leaf).subarray(0, -1),
      Buffer.concat([pkcs8(leaf), Buffer.of(0)]),
      Buffer.concat([pkcs8(leaf), pkcs8(leaf)]),
      leaf.keys.privateKey.export({ format: "der", type: "sec1" }),
    ])
      expect(codeOf(() => X509Svid.parse(chain, key))).toBe("MALFORMED");
    expect(codeOf(() => X509Svid.parse(chain, new Uint8Array(20_000)))).toBe("TOO_LARGE");
  });

  it("takes keys of every type that a leaf can have", () => {
    for (const keys of [ecKeys("P-384"), ecKeys("P-521"), rsaKeys()]) {
      const made = makeLeaf(root, { keys });
      expect(X509Svid.parse(made.certificate.der, pkcs8(made)).privateKey.equals(keys.privateKey)).toBe(true);
    }
  });

  it("X509-21 X509-23 X509-24 refuses a leaf that breaks the rules of one", () => {
    const leafCode = (spec: Parameters<typeof makeLeaf>[1]): string => {
      const bad = makeLeaf(root, spec);
      return codeOf(() => X509Svid.of([bad.certificate], bad.keys.privateKey));
    };
    expect(leafCode({})).toBe("accepted");
    expect(leafCode({ uris: [] })).toBe("NO_URI_SAN");
    expect(leafCode({ uris: ["spiffe://td"] })).toBe("ROOT_PATH");
    expect(leafCode({ isCa: true })).toBe("LEAF_IS_CA");
  });
});

describe("SVIDs in general", () => {
  it("SVID-02 X509-12 an authority of ours carries the trust domain's own ID", async () => {
    const bytes = await createCaCertificate({
      keys: ecKeys(),
      trustDomainUri: td.idString,
      serialNumber: randomSerialNumber(),
      notBefore: inMinutes(-1),
      notAfter: inMinutes(60),
    });
    const [authority] = X509Bundle.fromDer(td, bytes).authorities;
    expect(authority?.uris).toEqual(["spiffe://td"]);
    expect(SpiffeId.parse(authority?.uris[0] ?? "").path).toBe("");
    // X509-11: keyCertSign and cRLSign, nothing else.
    expect(authority?.keyUsage).toMatchObject({ critical: true, bits: 0x60 });
  });

  it("SVID-03 the ID and the key are under the signature", () => {
    const leaf = makeLeaf(root);
    const bundles = BundleSet.of(new X509Bundle(td, [root.certificate]));
    const accepted = (bytes: Uint8Array): string => codeOf(() => verifyPeer([bytes], bundles, { now }));
    expect(accepted(leaf.certificate.der)).toBe("accepted");
    const renamed = Buffer.from(leaf.certificate.der);
    const idEnd = renamed.indexOf("spiffe://td/w") + "spiffe://td/w".length - 1;
    renamed.writeUInt8(renamed.readUInt8(idEnd) ^ 1, idEnd);
    expect(accepted(renamed)).toBe("UNTRUSTED");
    const rekeyed = Buffer.from(leaf.certificate.der);
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "der", type: "spki" });
    other.copy(rekeyed, rekeyed.indexOf(leaf.certificate.spki));
    expect(accepted(rekeyed)).toBe("UNTRUSTED");
  });

  it("SVID-04 takes no other kind of document", () => {
    const paseto = "v4.public.eyJzdWIiOiJzcGlmZmU6Ly90ZC93In0";
    const cwt = Buffer.from("d28443a10126a104524173796d6d657472696345434453413235365850", "hex");
    expect(codeOf(() => parseJwtSvid(paseto))).toBe("MALFORMED");
    expect(codeOf(() => parseJwtSvid(`${paseto}.AAAA`))).toBe("MALFORMED");
    expect(codeOf(() => parseJwtSvid(cwt.toString("base64url")))).toBe("MALFORMED");
    expect(codeOf(() => verifyPeer([cwt], BundleSet.of<X509Bundle>(), { now }))).toBe("MALFORMED");
  });

  it("X509-01 X509-04 X509-05 X509-06 X509-07 X509-08 what our writer makes is a leaf that verifies in both roles", () => {
    const authority = make({
      subject: "root",
      isCa: true,
      keyUsage: KU.keyCertSign,
      more: [Buffer.from("301d0603551d0e041604140102030405060708090a0b0c0d0e0f1011121314", "hex")],
    });
    const writer = new LeafWriter({ certificate: authority.certificate, signatureAlgorithm: "ecdsa-with-SHA256" });
    const keys = ecKeys();
    const tbs = writer.tbs({
      serialNumber: randomSerialNumber(),
      spki: keys.publicKey.export({ format: "der", type: "spki" }),
      uri: "spiffe://td/w",
      dnsNames: [],
      notBefore: inMinutes(-1),
      notAfter: inMinutes(5),
    });
    const bytes = writer.certificate(tbs, sign("sha256", tbs, authority.keys.privateKey));
    const bundles = BundleSet.of(new X509Bundle(td, [authority.certificate]));
    for (const role of ["client", "server"] as const) {
      const peer = verifyPeer([bytes], bundles, { now, role });
      expect(peer.id.toString()).toBe("spiffe://td/w");
      const [leaf] = peer.chain;
      expect(leaf?.uris).toEqual(["spiffe://td/w"]);
      const extension = (oid: string): string => {
        const found = leaf?.extensions.find((candidate) => candidate.oid === oid);
        return `${found?.critical} ${Buffer.from(found?.value ?? []).toString("hex")}`;
      };
      expect(extension("2.5.29.19")).toBe("true 3000");
      expect(extension("2.5.29.15")).toBe("true 03020780");
      expect(extension("2.5.29.17")).toMatch(/^true /);
      expect(leaf?.extKeyUsage).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
    }
  });
});
