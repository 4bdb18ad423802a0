// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { extension, oid, sequence, tlv } from "../src/der-writer.ts";
import { Certificate, type PathOptions, verifyPath } from "../src/index.ts";
import { OID } from "../src/oid.ts";
import { certify, nameConstraints, now, party, type Party, type Wishes } from "./chains.ts";
import { der, dns, uri } from "./leaf-parts.ts";
import { codeOf } from "./revocation-lists.ts";

// The cases on chains of mutual TLS, at the level of paths; what SPIFFE adds is tested in @mayfly/spiffe.

const [r, i, l] = [party("R"), party("I"), party("L")];
const root = certify(r, r, { ca: true });
const intermediate = certify(i, r, { ca: true });
const [email, codeSigning] = ["1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.3"];

function verdict(
  chain: readonly Certificate[],
  anchors: readonly Certificate[],
  options: Partial<PathOptions> = {},
): string {
  const [leaf, ...others] = chain;
  return codeOf(() => leaf !== undefined && verifyPath(leaf, others, anchors, { now, ...options }));
}

/** A chain of a leaf and `below` CAs, the highest of them signed by `top`; leaf first. */
function chainBelow(top: Party, below: number): Certificate[] {
  const parties = [l, ...Array.from({ length: below }, (_, at) => party(`C${String(at)}`)), top];
  return parties.slice(0, -1).map((one, at) => certify(one, parties[at + 1] ?? top, { ca: at > 0 }));
}

describe("signers", () => {
  const noBasicConstraints = { [OID.basicConstraints]: undefined };

  it.each<[string, string, Wishes]>([
    ["an ordinary leaf", "SIGNER_NOT_CA", {}],
    ["one without basic constraints and key usage", "SIGNER_NOT_CA", { keyUsage: null, replace: noBasicConstraints }],
    [
      "one without basic constraints, with keyCertSign",
      "SIGNER_NOT_CA",
      { keyUsage: "03020106", replace: noBasicConstraints },
    ],
    ["a CA without keyCertSign", "SIGNER_NO_KEY_CERT_SIGN", { ca: true, keyUsage: "03020780" }],
  ])("MTL-D05 X509-35 P7 P8 %s is no signer: %s", (_, code, wishes) => {
    expect(verdict([certify(l, i), certify(i, r, wishes)], [root])).toBe(code);
    expect(verdict([certify(l, i), certify(i, r, wishes), intermediate], [root])).toBe("ok");
  });

  it("MTL-D05 nor is one of them as an anchor", () => {
    expect(verdict([certify(l, r)], [certify(r, r, { keyUsage: null, replace: noBasicConstraints })])).toBe(
      "SIGNER_NOT_CA",
    );
  });

  it("X509-33 an anchor need not be self-signed, nor its own issuer known", () => {
    expect(verdict([certify(l, i), intermediate], [intermediate])).toBe("ok");
    expect(verdict([certify(l, i)], [intermediate], {})).toBe("ok");
  });
});

describe("lengths and times", () => {
  it.each([0, 1, 2, 3])("MTL-D06 P9 a path length of %i holds to the certificate", (pathLength) => {
    const anchor = certify(r, r, { ca: true, pathLength });
    expect([verdict(chainBelow(r, pathLength), [anchor]), verdict(chainBelow(r, pathLength + 1), [anchor])]).toEqual([
      "ok",
      "PATH_LEN",
    ]);
    const middle = certify(i, r, { ca: true, pathLength });
    expect(verdict([...chainBelow(i, pathLength), middle], [root])).toBe("ok");
    expect(verdict([...chainBelow(i, pathLength + 1), middle], [root])).toBe("PATH_LEN");
  });

  it("MTL-D06 certificates that an authority gives itself are not counted", () => {
    const renewed = party("R");
    const rollover = certify(renewed, r, { ca: true });
    expect(verdict([certify(l, renewed), rollover], [certify(r, r, { ca: true, pathLength: 0 })])).toBe("ok");
  });

  const from = new Date(now.getTime() - 60_000);
  const until = new Date(now.getTime() + 60_000);
  const validity = { notBefore: from, notAfter: until };
  const members: readonly (readonly [string, (wishes: Wishes) => [Certificate[], Certificate[]]])[] = [
    ["leaf", (wishes) => [[certify(l, i, wishes), intermediate], [root]]],
    ["intermediate", (wishes) => [[certify(l, i), certify(i, r, { ca: true, ...wishes })], [root]]],
    ["anchor", (wishes) => [[certify(l, i), intermediate], [certify(r, r, { ca: true, ...wishes })]]],
  ];

  it.each(members)("MTL-D07 P10 P11 P12 the validity of a %s holds to the second, both ends included", (_, make) => {
    const [chain, anchors] = make(validity);
    const at = (ms: number): string => verdict(chain, anchors, { now: new Date(ms) });
    expect([at(from.getTime() - 1), at(from.getTime())]).toEqual(["NOT_YET_VALID", "ok"]);
    expect([at(until.getTime()), at(until.getTime() + 999), at(until.getTime() + 1_000)]).toEqual([
      "ok",
      "ok",
      "EXPIRED",
    ]);
  });
});

describe("purposes", () => {
  const only = (...purposes: readonly string[]): Wishes => ({
    extensions: [extension(OID.extKeyUsage, false, sequence(...purposes.map(oid)))],
  });

  it.each([OID.serverAuth, OID.clientAuth])(
    "MTL-D08 for %s: one for mail or for code is none for TLS, wherever it stands",
    (eku) => {
      const below = (wishes: Wishes): Certificate[] => [certify(l, i), certify(i, r, { ca: true, ...wishes })];
      for (const purposes of [[email], [codeSigning], [email, codeSigning]]) {
        expect(verdict([certify(l, r, only(...purposes))], [root], { eku })).toBe("WRONG_EKU");
        expect(verdict(below(only(...purposes)), [root], { eku })).toBe("WRONG_EKU");
        expect(verdict([certify(l, r)], [certify(r, r, { ca: true, ...only(...purposes) })], { eku })).toBe(
          "WRONG_EKU",
        );
      }
      expect(verdict(below(only(email, eku)), [root], { eku })).toBe("ok");
      expect(verdict([...below(only(email)), intermediate], [root], { eku })).toBe("ok");
    },
  );
});

describe("constraints and extensions", () => {
  const unknown = { extensions: [extension("1.3.6.1.4.1.99999.1", true, der.hex("0500"))] };

  it.each<[string, Certificate[], Certificate[]]>([
    ["leaf", [certify(l, i, unknown), intermediate], [root]],
    ["intermediate", [certify(l, i), certify(i, r, { ca: true, ...unknown })], [root]],
    ["anchor", [certify(l, i), intermediate], [certify(r, r, { ca: true, ...unknown })]],
  ])("MTL-D13 P14 an unknown critical extension in the %s ends the path", (_, chain, anchors) => {
    expect(verdict(chain, anchors)).toBe("UNKNOWN_CRITICAL");
  });

  it.each<[string, Uint8Array, readonly Uint8Array[]]>([
    ["URI", uri("example.org"), [uri("spiffe://other.org/w")]],
    ["DNS", dns("example.org"), [uri("spiffe://example.org/w"), dns("www.other.org")]],
  ])("MTL-D13 X509-16 a %s name outside what any CA above permits ends the path", (_, permitted, names) => {
    const extensions = [nameConstraints({ permitted: [permitted] })];
    const leaf = certify(l, i, { names });
    const ca = { ca: true, names: [] };
    expect(verdict([leaf, certify(i, r, { ...ca, extensions })], [root])).toBe("NAME_CONSTRAINT");
    expect(verdict([leaf, certify(i, r, ca)], [certify(r, r, { ...ca, extensions })])).toBe("NAME_CONSTRAINT");
    expect(verdict([leaf, certify(i, r, ca)], [certify(r, r, ca)])).toBe("ok");
  });
});

describe("signatures", () => {
  it("MTL-D16 P13 no octet of a signed leaf can be changed", () => {
    const leaf = certify(l, i);
    expect(verdict([leaf, intermediate], [root])).toBe("ok");
    for (let at = 0; at < leaf.der.length; at++) {
      const changed = Uint8Array.from(leaf.der);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      expect(codeOf(() => verifyPath(Certificate.parse(changed), [intermediate], [root], { now }))).not.toBe("ok");
    }
  });

  it("MTL-D16 P19 a name and key identifier of the CA do not make its key", () => {
    const impostor = party("R");
    const keyId = Buffer.from(root.subjectKeyId ?? "", "hex");
    const replace = {
      [OID.authorityKeyIdentifier]: extension(OID.authorityKeyIdentifier, false, sequence(tlv(0x80, keyId))),
    };
    const forged = certify(l, impostor, { replace });
    expect(forged.authorityKeyId).toBe(root.subjectKeyId);
    expect(verdict([forged], [root])).toBe("UNTRUSTED");
    const namesake = certify(impostor, impostor, { ca: true, replace });
    expect(verdict([forged, namesake], [root])).toBe("UNTRUSTED");
    expect(verdict([certify(l, r), namesake], [namesake, root])).toBe("ok");
  });
});
