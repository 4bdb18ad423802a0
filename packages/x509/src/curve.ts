// SPDX-License-Identifier: Apache-2.0
import { OID } from "./oid.ts";

/** y² = x³ − 3x + b over the prime p (SP 800-186 §3.2.1). */
interface Curve {
  readonly p: bigint;
  readonly b: bigint;
}

const curves: Readonly<Record<string, Curve>> = {
  [OID.p256]: {
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  [OID.p384]: {
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
  [OID.p521]: {
    p: 2n ** 521n - 1n,
    b: 0x051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  },
};

const toInteger = (octets: Uint8Array): bigint =>
  BigInt(`0x${Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("hex")}`);

/** Whether the point of these coordinates (SEC 1 §2.3.3, without the leading 04) lies on the curve, one of the three above. */
export function isOnCurve(curve: string, coordinates: Uint8Array): boolean {
  const parameters = curves[curve];
  if (parameters === undefined) return false;
  const { p, b } = parameters;
  const x = toInteger(coordinates.subarray(0, coordinates.length / 2));
  const y = toInteger(coordinates.subarray(coordinates.length / 2));
  return x < p && y < p && (y * y - (x * x - 3n) * x - b) % p === 0n;
}
