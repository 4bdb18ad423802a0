// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { isOnCurve } from "./curve.ts";
import { OID } from "./oid.ts";
import { exportPublicKey, parsePublicKeyInfo } from "./public-key.ts";

const curves: readonly (readonly [string, string])[] = [
  ["P-256", OID.p256],
  ["P-384", OID.p384],
  ["P-521", OID.p521],
];

it.each(curves)("takes the points of %s that node:crypto takes, and no other", (namedCurve, oid) => {
  const spki = Uint8Array.from(exportPublicKey(generateKeyPairSync("ec", { namedCurve }).publicKey));
  const pointAt = spki.length - parsePublicKeyInfo(spki).bits.length + 1;
  const judge = (key: Uint8Array): boolean => isOnCurve(oid, key.subarray(pointAt));
  expect(judge(spki)).toBe(true);
  fc.assert(
    fc.property(fc.nat(spki.length - pointAt - 1), fc.integer({ min: 0, max: 255 }), (at, octet) => {
      const key = spki.slice();
      key[pointAt + at] = octet;
      let taken = true;
      try {
        createPublicKey({ key: Buffer.from(key), format: "der", type: "spki" });
      } catch {
        taken = false;
      }
      expect(judge(key)).toBe(taken);
    }),
    { numRuns: 200 },
  );
});

it("takes no coordinates beyond the prime, which stand for another point", () => {
  const p = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
  // x = 5 lies on the curve; 5 + p would be the same point.
  const coordinates = (x: bigint): Uint8Array => {
    const rhs =
      ((((x * x - 3n) * x + 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn) % p) + p) % p;
    let [y, base, exponent] = [1n, rhs, (p + 1n) / 4n];
    for (; exponent > 0n; exponent >>= 1n) {
      if (exponent & 1n) y = (y * base) % p;
      base = (base * base) % p;
    }
    return Uint8Array.from(Buffer.from(x.toString(16).padStart(64, "0") + y.toString(16).padStart(64, "0"), "hex"));
  };
  expect(isOnCurve(OID.p256, coordinates(5n))).toBe(true);
  const beyond = coordinates(5n);
  beyond.set(Buffer.from((5n + p).toString(16).padStart(64, "0"), "hex"));
  expect(isOnCurve(OID.p256, beyond)).toBe(false);
});
