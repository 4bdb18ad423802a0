// SPDX-License-Identifier: Apache-2.0

// The odd primes up to 167: all of them divide the constant that the faulty generator builds its primes on, for keys of every size.
const primes = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113,
  127, 131, 137, 139, 149, 151, 157, 163, 167,
];
const product = primes.reduce((all, prime) => all * BigInt(prime), 1n);
/** For each prime what powers of 65537 leave as remainder. */
const remainders = new Map(primes.map((prime) => [prime, powers(prime)]));

function powers(prime: number): ReadonlySet<number> {
  const found = new Set<number>();
  for (let power = 1; !found.has(power); power = (power * (65_537 % prime)) % prime) found.add(power);
  return found;
}

/**
 * Whether an RSA modulus (big-endian octets) looks like one of CVE-2017-15361 (ROCA), whose private key can be computed: a library of
 * security chips took primes that are powers of 65537 modulo many small primes, and so is their product. One good key in some hundred
 * million looks like that by chance.
 */
export function isRocaModulus(modulus: Uint8Array): boolean {
  const rest = BigInt(`0x0${Buffer.from(modulus).toString("hex")}`) % product;
  return primes.every((prime) => remainders.get(prime)?.has(Number(rest % BigInt(prime))) === true);
}
