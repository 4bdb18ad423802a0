// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from "node:crypto";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { bits, oid, sequence, unsignedInteger } from "./der-writer.ts";
import { X509Error } from "./errors.ts";
import { OID } from "./oid.ts";
import {
  assertAcceptableKey,
  exportPublicKey,
  importAuthorityKey,
  parsePublicKeyInfo,
  type PublicKeyInfo,
  readPublicKeyInfo,
} from "./public-key.ts";

const p256 = Uint8Array.from(exportPublicKey(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey));

function outcome(parse: (spki: Uint8Array) => PublicKeyInfo, spki: Uint8Array): object {
  try {
    const { algorithm, parameters, bits } = parse(spki);
    return { algorithm, parameters: Array.from(parameters ?? []), bits: Array.from(bits) };
  } catch (error) {
    if (error instanceof X509Error) return { code: error.code, message: error.message };
    throw error;
  }
}

it("knows a P-256 key by its head and finds in it what the reader of all keys finds", () => {
  expect(outcome(parsePublicKeyInfo, p256)).toEqual(outcome(readPublicKeyInfo, p256));
});

it("takes nothing for a P-256 key that differs from one in an octet or in length", () => {
  const changes = fc.array(fc.tuple(fc.nat(p256.length - 1), fc.nat(255)), { maxLength: 2 });
  fc.assert(
    fc.property(changes, fc.integer({ min: -3, max: 3 }), (octets, longer) => {
      const spki = new Uint8Array(p256.length + longer);
      spki.set(p256.subarray(0, spki.length));
      for (const [at, octet] of octets) spki[at] = octet;
      expect(outcome(parsePublicKeyInfo, spki)).toEqual(outcome(readPublicKeyInfo, spki));
    }),
    { numRuns: 1000 },
  );
});

it("takes no octet of the head for another", () => {
  for (let at = 0; at < 26; at++) {
    const spki = Uint8Array.from(p256);
    spki[at] = (spki[at] ?? 0) ^ 1;
    expect(outcome(parsePublicKeyInfo, spki)).toEqual(outcome(readPublicKeyInfo, spki));
  }
});

it.each([
  [2047, "WEAK_KEY"],
  [2048, undefined],
  [2049, "WEAK_KEY"],
  [2052, "WEAK_KEY"],
  [2056, undefined],
  [4096, undefined],
  [4104, "WEAK_KEY"],
])("an RSA key of %i bits: %s", (size, code) => {
  const modulus = Buffer.from(((1n << BigInt(size - 1)) + 1n).toString(16).padStart(1026, "0"), "hex");
  const key = sequence(unsignedInteger(modulus), unsignedInteger(Uint8Array.of(1, 0, 1)));
  const spki = sequence(sequence(oid(OID.rsaEncryption), Uint8Array.of(5, 0)), bits(key));
  const verdict = outcome((der) => {
    assertAcceptableKey(der);
    return parsePublicKeyInfo(der);
  }, spki);
  expect("code" in verdict ? verdict.code : undefined).toBe(code);
});

it("remembers the keys of authorities, each for itself, and not without end", () => {
  const keys = Array.from({ length: 300 }, () => generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey);
  const spkis = keys.map((key) => Uint8Array.from(exportPublicKey(key)));
  const objects = spkis.map((spki) => importAuthorityKey(spki));
  expect(objects.every((object, at) => object.equals(keys[at] ?? object))).toBe(true);
  expect(spkis.slice(-256).map((spki) => importAuthorityKey(spki))).toEqual(objects.slice(-256));
  const [oldest = p256] = spkis;
  expect(importAuthorityKey(oldest)).not.toBe(objects[0]);
  expect(importAuthorityKey(oldest)).toBe(importAuthorityKey(Uint8Array.from(oldest)));
});
