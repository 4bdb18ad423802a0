// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { oid, sequence, tlv } from "../src/der-writer.ts";
import { type Certificate, verifyPath } from "../src/index.ts";
import { certify, nameConstraints, now, party } from "./chains.ts";
import { dns, uri } from "./leaf-parts.ts";
import { codeOf } from "./revocation-lists.ts";

const [r, i, l] = [party("R"), party("I"), party("L")];
const root = certify(r, r, { ca: true });
const limitMs = 2_000;

function timed(leaf: Certificate, others: readonly Certificate[], anchors: readonly Certificate[]): [string, boolean] {
  const from = performance.now();
  const code = codeOf(() => verifyPath(leaf, others, anchors, { now }));
  return [code, performance.now() - from < limitMs];
}

/** As many as go into a certificate. */
function fill(make: (n: number) => Uint8Array): Uint8Array[] {
  const all: Uint8Array[] = [];
  for (let bytes = 0, n = 0; bytes < 15_000; n++) {
    const one = make(n);
    all.push(one);
    bytes += one.length + 4;
  }
  return all;
}

describe("the work that strangers can ask for is bounded", () => {
  const short = (n: number): Uint8Array => dns(n.toString(36));

  it("when all names are compared with all constraints", () => {
    const permitted = fill(short);
    const constrained = certify(i, r, { ca: true, names: [], extensions: [nameConstraints({ permitted })] });
    expect(timed(certify(l, i, { names: fill(short) }), [constrained], [root])).toEqual(["PATH_BUDGET", true]);
  });

  it("when many constrained CAs of one key are tried one after the other", () => {
    const permitted = [...fill(short).slice(0, 900), uri("example.org")];
    const permittedNames = Array.from({ length: 250 }, (_, n) => dns(n.toString(36)));
    const names = [...permittedNames, uri("spiffe://other.org/w")];
    const many = Array.from({ length: 90 }, () =>
      certify(i, r, { ca: true, names: [], extensions: [nameConstraints({ permitted })] }),
    );
    expect(timed(certify(l, i, { names }), many, [root])).toEqual(["PATH_BUDGET", true]);
  });

  it("when directory names have hundreds of attributes in one RDN", () => {
    const attribute = (value: number): Uint8Array =>
      sequence(oid("2.5.4.3"), tlv(0x0c, Buffer.from(value.toString(36))));
    const directory = (offset: number): Uint8Array =>
      tlv(0xa4, sequence(tlv(0x31, ...Array.from({ length: 900 }, (_, n) => attribute(offset + n)))));
    const excluded = [directory(5_000)];
    const constrained = certify(i, r, { ca: true, names: [], extensions: [nameConstraints({ excluded })] });
    expect(timed(certify(l, i, { names: [directory(1_000)] }), [constrained], [root])).toEqual(["PATH_BUDGET", true]);
  });

  it("when every CA is certified by every other", () => {
    const crowd = Array.from({ length: 8 }, (_, n) => party(`C${String(n)}`));
    const crossed = crowd.flatMap((subject) =>
      crowd.filter((issuer) => issuer !== subject).map((issuer) => certify(subject, issuer, { ca: true })),
    );
    const [first = r] = crowd;
    expect(timed(certify(l, first), crossed, [root])).toEqual(["PATH_BUDGET", true]);
  });
});
