// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from "node:crypto";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { X509Error } from "./errors.ts";
import { exportPublicKey, parsePublicKeyInfo, type PublicKeyInfo, readPublicKeyInfo } from "./public-key.ts";

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
