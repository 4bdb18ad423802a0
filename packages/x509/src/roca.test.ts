// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from "node:crypto";
import { expect, it } from "vitest";
import { X509Error } from "./errors.ts";
import { assertAcceptableKey } from "./public-key.ts";
import { isRocaModulus } from "./roca.ts";

const smallPrimes = Array.from({ length: 166 }, (_, index) => index + 2).filter((number) =>
  Array.from({ length: number - 2 }, (_, index) => index + 2).every((factor) => number % factor !== 0),
);

/** A number of 2,048 bits with the mark: a power of 65537 modulo all small primes (2 is one of them, so it is odd). */
function marked(exponent: bigint): Uint8Array {
  const modulo = smallPrimes.reduce((all, prime) => all * BigInt(prime), 1n);
  let power = 1n;
  for (let step = 0n; step < exponent; step += 1n) power = (power * 65_537n) % modulo;
  const start = 0xc0n << 2_040n;
  const value = start - (start % modulo) + power;
  return Buffer.from(value.toString(16), "hex");
}

const spkiOf = (modulus: Uint8Array): Uint8Array => {
  const head = Buffer.from("30820122300d06092a864886f70d01010105000382010f003082010a0282010100", "hex");
  return Buffer.concat([head, modulus, Buffer.from("0203010001", "hex")]);
};
function codeOf(spki: Uint8Array): string {
  try {
    assertAcceptableKey(spki);
  } catch (error) {
    if (error instanceof X509Error) return error.code;
    throw error;
  }
  return "accepted";
}

it("an RSA modulus with the mark of CVE-2017-15361 is weak", () => {
  for (const exponent of [0n, 1n, 2n, 1_000n, 54_321n]) {
    expect(isRocaModulus(marked(exponent))).toBe(true);
    expect(codeOf(spkiOf(marked(exponent)))).toBe("WEAK_KEY");
  }
});

it("a modulus that differs by two from such a one, and one of an honest generator, are not", () => {
  const near = Buffer.from(marked(54_321n));
  near.writeUInt8(near.readUInt8(255) ^ 2, 255);
  expect(isRocaModulus(near)).toBe(false);
  expect(codeOf(spkiOf(near))).toBe("accepted");
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  expect(codeOf(publicKey.export({ format: "der", type: "spki" }))).toBe("accepted");
});
