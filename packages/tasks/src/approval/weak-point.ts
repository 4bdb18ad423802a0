// SPDX-License-Identifier: Apache-2.0

const p = 2n ** 255n - 19n;
// RFC 8032 §5.1: the curve -x² + y² = 1 + d x² y².
const d = (p - ((121665n * power(121666n, p - 2n)) % p)) % p;

/**
 * Whether 32 bytes encode a point whose order divides 8, or none of the curve (RFC 8032 §5.1.3). Under a key of small order signatures
 * can be made without a private key.
 */
export function isWeak(encoded: Uint8Array): boolean {
  const y = BigInt(`0x${Buffer.from(encoded).reverse().toString("hex")}`) & (2n ** 255n - 1n);
  if (y >= p) return true;
  const yy = (y * y) % p;
  const xx = mod((yy - 1n) * power(mod(d * yy + 1n), p - 2n));
  if (xx !== 0n && power(xx, (p - 1n) / 2n) !== 1n) return true;
  // Doubling three times leads to the neutral point (y = 1). On this curve y of 2P needs x² and y² only.
  let [u, v] = [xx, yy];
  for (let round = 0; round < 2; round++) [u, v] = doubled(u, v);
  return doubledY(u, v) === 1n;
}

/** x² and y² of 2P from those of P: x' = 2xy / (1 + d x² y²), y' = (y² + x²) / (1 - d x² y²). */
function doubled(xx: bigint, yy: bigint): [bigint, bigint] {
  const t = mod(d * xx * yy);
  const x = mod(4n * xx * yy * power(mod(1n + t) ** 2n % p, p - 2n));
  const y = doubledY(xx, yy);
  return [x, (y * y) % p];
}

function doubledY(xx: bigint, yy: bigint): bigint {
  const t = mod(d * xx * yy);
  return mod((yy + xx) * power(mod(1n - t), p - 2n));
}

function mod(value: bigint): bigint {
  return ((value % p) + p) % p;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let [b, e] = [mod(base), exponent]; e > 0n; e >>= 1n, b = (b * b) % p) if (e & 1n) result = (result * b) % p;
  return result;
}
