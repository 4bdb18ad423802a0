// SPDX-License-Identifier: Apache-2.0
import { array, assert, nat, oneof, property, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BundleSet,
  Revocations,
  TrustDomain,
  verifyPeer,
  X509Bundle,
  X509SvidError,
  type IgnoredRevocationList,
} from "../src/index.ts";
import { ecKeys, inMinutes, KU, makeCa, makeLeaf, now, type Made } from "./certificate-maker.ts";
import { codeOf } from "./code-of.ts";
import { makeList, type ListSpec } from "./list-maker.ts";

const td = TrustDomain.parse("td");
const root = makeCa();
const middle = makeCa({ subject: "middle", issuer: root });
const leaf = makeLeaf(middle);
const rootLeaf = makeLeaf(root);
const chain = [leaf, middle];

function verdict(
  lists: readonly Uint8Array[],
  made: readonly Made[] = chain,
  anchors: readonly Made[] = [root],
): string {
  const certificates = made.map(({ certificate }) => certificate);
  const bundle = new X509Bundle(
    td,
    anchors.map(({ certificate }) => certificate),
  );
  const revocations = Revocations.of(lists);
  return codeOf(() => verifyPeer(certificates, BundleSet.of(bundle), { now, revocations }));
}
const listed = (spec: ListSpec, made?: readonly Made[], anchors?: readonly Made[]): string =>
  verdict([makeList(spec)], made, anchors);

describe("revocation lists", () => {
  it("refuse a leaf and an intermediate that their issuers list", () => {
    expect(verdict([])).toBe("accepted");
    expect(listed({ issuer: middle, revoked: [leaf] })).toBe("REVOKED");
    expect(listed({ issuer: root, revoked: [middle] })).toBe("REVOKED");
    expect(listed({ issuer: root, revoked: [rootLeaf] }, [rootLeaf])).toBe("REVOKED");
    expect(listed({ issuer: middle, revoked: [] })).toBe("accepted");
    expect(listed({ issuer: root, revoked: [rootLeaf] })).toBe("accepted");
  });

  it("tell which certificate it was", () => {
    const revocations = Revocations.of([makeList({ issuer: root, revoked: [middle] })]);
    const bundles = BundleSet.of(new X509Bundle(td, [root.certificate]));
    expect.assertions(2);
    try {
      verifyPeer([leaf.certificate, middle.certificate], bundles, { now, revocations });
    } catch (error) {
      expect(error).toBeInstanceOf(X509SvidError);
      expect(error).toMatchObject({
        code: "REVOKED",
        claimedId: "spiffe://td/w",
        serialNumber: middle.certificate.serialNumber.toString(16),
      });
    }
  });

  it("count only when signed by the issuer of the path", () => {
    const stranger = ecKeys();
    expect(listed({ issuer: middle, revoked: [leaf], signer: stranger })).toBe("accepted");
    expect(listed({ issuer: middle, revoked: [leaf], signer: root.keys })).toBe("accepted");
    expect(listed({ issuer: root, revoked: [middle], signer: middle.keys })).toBe("accepted");
    // The leaf itself, and another CA of the same name.
    expect(listed({ issuer: middle, revoked: [leaf], signer: leaf.keys })).toBe("accepted");
    const namesake = makeCa({ subject: "middle", issuer: root });
    expect(listed({ issuer: namesake, revoked: [leaf] })).toBe("accepted");
    expect(listed({ issuer: namesake, revoked: [leaf] }, [leaf, namesake, middle])).toBe("accepted");
  });

  it("of another issuer revoke nothing, though they have the serial number", () => {
    expect(listed({ issuer: root, revoked: [leaf] })).toBe("accepted");
    expect(listed({ issuer: makeCa({ subject: "foreign" }), revoked: [leaf, middle] })).toBe("accepted");
  });

  it("count only from a CA that may sign lists, or that has no key usage at all", () => {
    const under = (keyUsage: number | undefined): string => {
      const ca = makeCa({ subject: "middle", issuer: root, keyUsage });
      const below = makeLeaf(ca);
      return listed({ issuer: ca, revoked: [below] }, [below, ca]);
    };
    expect(under(KU.keyCertSign | KU.crlSign)).toBe("REVOKED");
    expect(under(KU.keyCertSign)).toBe("accepted");
    expect(under(undefined)).toBe("REVOKED");
  });

  it("with a changed bit or a weak digest revoke nothing", () => {
    const good = makeList({ issuer: middle, revoked: [leaf] });
    const changed = Buffer.from(good);
    changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
    expect(verdict([changed])).toBe("accepted");
    expect(verdict([changed, good])).toBe("REVOKED");
    expect(listed({ issuer: middle, revoked: [leaf], hash: "sha1" })).toBe("accepted");
  });

  it("go on revoking after their end and before their beginning", () => {
    const times = { issuer: middle, revoked: [leaf] };
    expect(listed({ ...times, thisUpdate: inMinutes(-20), nextUpdate: inMinutes(-10) })).toBe("REVOKED");
    expect(listed({ ...times, thisUpdate: inMinutes(10), nextUpdate: inMinutes(20) })).toBe("REVOKED");
  });

  it("all count, an older one of the same issuer too", () => {
    const older = makeList({ issuer: middle, revoked: [leaf] });
    const newer = makeList({ issuer: middle, revoked: [], thisUpdate: inMinutes(-1) });
    expect([verdict([older, newer]), verdict([newer, older])]).toEqual(["REVOKED", "REVOKED"]);
  });

  it("say nothing of an authority: that one goes with its bundle", () => {
    expect(listed({ issuer: root, revoked: [root] })).toBe("accepted");
    expect(listed({ issuer: root, revoked: [middle] }, [leaf], [middle])).toBe("accepted");
    expect(listed({ issuer: middle, revoked: [leaf] }, [leaf], [middle])).toBe("REVOKED");
  });

  it("never make anything trusted", () => {
    expect(listed({ issuer: root, revoked: [] }, [leaf])).toBe("UNTRUSTED");
    expect(listed({ issuer: middle, revoked: [] }, [leaf], [])).toBe("UNTRUSTED");
  });

  it("that can't be read are left out and told, and the others count", () => {
    const ignored: IgnoredRevocationList[] = [];
    const good = makeList({ issuer: middle, revoked: [leaf] });
    const lists = [new Uint8Array(), Buffer.from("x"), Buffer.concat([good, Buffer.of(0)]), good, new Uint8Array(5e6)];
    const revocations = Revocations.of(lists, (list) => ignored.push(list));
    expect(revocations.size).toBe(1);
    expect(ignored.map(({ index, code }) => [index, code])).toEqual([
      [0, "DER_MALFORMED"],
      [1, "DER_MALFORMED"],
      [2, "DER_TRAILING"],
      [4, "TOO_LARGE"],
    ]);
    expect(verdict(lists)).toBe("REVOKED");
  });

  it("are bounded in number and in all", () => {
    const good = makeList({ issuer: middle, revoked: [leaf] });
    const codes: string[] = [];
    expect(
      Revocations.of(
        Array.from({ length: 1_026 }, () => good),
        ({ code }) => codes.push(code),
      ).size,
    ).toBe(1_024);
    expect(codes).toEqual(["TOO_LARGE", "TOO_LARGE"]);
    const huge = new Uint8Array(4_194_304);
    const lists = [...Array.from({ length: 8 }, () => huge), good];
    expect(Revocations.of(lists).size).toBe(0);
  });

  it("of any bytes never break anything and never revoke", () => {
    const good = makeList({ issuer: middle, revoked: [leaf] });
    const mutant = nat().chain((at) =>
      nat(254).map((flip) => {
        const bytes = Buffer.from(good);
        bytes.writeUInt8(bytes.readUInt8(at % bytes.length) ^ (flip + 1), at % bytes.length);
        return bytes;
      }),
    );
    assert(
      property(array(oneof(uint8Array({ maxLength: 60 }), mutant), { maxLength: 4 }), (lists) => {
        expect(verdict(lists)).toBe("accepted");
      }),
      { numRuns: 300 },
    );
  });
});
