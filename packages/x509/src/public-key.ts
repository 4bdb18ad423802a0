// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, type KeyObject } from "node:crypto";
import { isOnCurve } from "./curve.ts";
import { assertDer, DerReader, TAG } from "./der.ts";
import { X509Error } from "./errors.ts";
import { maxKeyBytes } from "./limits.ts";
import { OID } from "./oid.ts";
import { isRocaModulus } from "./roca.ts";

/** A SubjectPublicKeyInfo taken apart (RFC 5280 §4.1.2.7). */
export interface PublicKeyInfo {
  /** Dotted. */
  readonly algorithm: string;
  /** Parameters of the algorithm, DER; undefined when absent. */
  readonly parameters: Uint8Array | undefined;
  /** The subjectPublicKey's octets, without the count of unused bits: what a key identifier is a hash of. */
  readonly bits: Uint8Array;
}

/** All octets of a P-256 key before its point: they say everything that the gate and the reader would find out. */
const p256Head = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200", "hex");
const p256Parameters = Uint8Array.from(p256Head.subarray(13, 23));

function isP256(spki: Uint8Array): boolean {
  if (spki.length !== p256Head.length + 65) return false;
  for (let at = 0; at < p256Head.length; at++) if (spki[at] !== p256Head[at]) return false;
  return true;
}

/** @throws {X509Error} TOO_LARGE, DER_MALFORMED, DER_TRAILING, MALFORMED */
export function parsePublicKeyInfo(spki: Uint8Array): PublicKeyInfo {
  if (isP256(spki)) {
    return { algorithm: OID.ecPublicKey, parameters: p256Parameters, bits: spki.subarray(p256Head.length) };
  }
  return readPublicKeyInfo(spki);
}

/** `parsePublicKeyInfo` for keys of every kind. @throws as it */
export function readPublicKeyInfo(spki: Uint8Array): PublicKeyInfo {
  const reader = DerReader.sequence(spki, maxKeyBytes, "public key");
  const identifier = reader.enter(TAG.sequence, "public key algorithm");
  const algorithm = identifier.oid("public key algorithm");
  const tag = identifier.peek();
  const parameters = tag === undefined ? undefined : identifier.element(tag, "public key parameters");
  identifier.end("public key algorithm");
  const bits = reader.wholeBits("public key");
  reader.end("public key");
  return { algorithm, parameters, bits };
}

/** What `assertAcceptableKey` allows beyond RSA and the NIST curves. */
export interface KeyPolicy {
  readonly ed25519?: boolean | undefined;
}

const fieldBytes: Readonly<Record<string, number>> = { [OID.p256]: 32, [OID.p384]: 48, [OID.p521]: 66 };

/**
 * Refuses public keys that nothing here may be done with: RSA outside 2048 to 4096 bits or not of whole octets, with an even modulus or an exponent that is
 * even or outside 3 to 2³²; EC off P-256, P-384 and P-521 or not an uncompressed point on its curve; Ed25519 unless allowed; all else. It reads
 * DER only and never does a public-key operation, so a hostile key costs nothing.
 * `spki`: SubjectPublicKeyInfo, DER.
 * @throws {X509Error} WEAK_KEY, UNSUPPORTED_KEY, TOO_LARGE, DER_MALFORMED, DER_TRAILING, MALFORMED
 */
export function assertAcceptableKey(spki: Uint8Array, policy: KeyPolicy = {}): void {
  assertAcceptableKeyInfo(parsePublicKeyInfo(spki), policy);
}

/** `assertAcceptableKey` for a key that was taken apart before. */
export function assertAcceptableKeyInfo(key: PublicKeyInfo, policy: KeyPolicy): void {
  if (key.algorithm === OID.rsaEncryption) return assertRsa(key);
  if (key.algorithm === OID.ecPublicKey) return assertEc(key);
  if (key.algorithm !== OID.ed25519 || policy.ed25519 !== true) {
    throw new X509Error("UNSUPPORTED_KEY", `public key algorithm ${key.algorithm} is not allowed`);
  }
  if (key.parameters !== undefined || key.bits.length !== 32)
    throw new X509Error("MALFORMED", "an Ed25519 key has 32 octets");
}

function assertRsa({ parameters, bits }: PublicKeyInfo): void {
  if (parameters?.[0] !== TAG.null) throw new X509Error("MALFORMED", "an RSA key has NULL parameters");
  const reader = DerReader.sequence(bits, maxKeyBytes, "RSA key");
  const modulus = reader.contents(TAG.integer, "modulus");
  const exponent = reader.contents(TAG.integer, "exponent");
  reader.end("RSA key");
  const size = bitLength(modulus);
  if (size < 2048 || size > 4096) throw new X509Error("WEAK_KEY", `an RSA key has 2048 to 4096 bits, not ${size}`);
  // Every generator makes whole octets (FIPS 186-5 §5.1 wants them); other sizes come from tinkering.
  if (size % 8 !== 0) throw new X509Error("WEAK_KEY", `an RSA key has whole octets, not ${size} bits`);
  if (((modulus[modulus.length - 1] ?? 0) & 1) === 0) throw new X509Error("WEAK_KEY", "an RSA modulus is odd");
  if (isRocaModulus(modulus))
    throw new X509Error("WEAK_KEY", "an RSA key has the mark of CVE-2017-15361: make another");
  if (bitLength(exponent) < 2 || bitLength(exponent) > 32 || ((exponent[exponent.length - 1] ?? 0) & 1) === 0) {
    throw new X509Error("WEAK_KEY", "an RSA exponent is odd and lies between 3 and 2^32");
  }
}

/** Of the contents octets of a minimal INTEGER; 0 for a negative one. */
function bitLength(octets: Uint8Array): number {
  const first = octets[0] ?? 0;
  if ((first & 0x80) !== 0) return 0;
  const skip = first === 0 ? 1 : 0;
  return octets.length === skip ? 0 : (octets.length - skip) * 8 - (Math.clz32(octets[skip] ?? 0) - 24);
}

function assertEc({ parameters, bits }: PublicKeyInfo): void {
  if (parameters?.[0] !== TAG.oid) throw new X509Error("UNSUPPORTED_KEY", "an EC key must name its curve");
  const curve = new DerReader(parameters).oid("curve");
  const size = fieldBytes[curve];
  if (size === undefined) throw new X509Error("UNSUPPORTED_KEY", `curve ${curve} is not allowed`);
  if (bits[0] !== 0x04 || bits.length !== 1 + 2 * size)
    throw new X509Error("MALFORMED", "an EC key must be an uncompressed point");
  if (!isOnCurve(curve, bits.subarray(1))) throw new X509Error("UNSUPPORTED_KEY", "an EC key is a point off its curve");
}

/** The key as node:crypto's object. @throws {X509Error} UNSUPPORTED_KEY when it can't read it, e.g. a point off its curve */
export function importPublicKey(spki: Uint8Array): KeyObject {
  if (!isP256(spki)) assertDer(spki, maxKeyBytes);
  try {
    return createPublicKey({
      key: Buffer.from(spki.buffer, spki.byteOffset, spki.length),
      format: "der",
      type: "spki",
    });
  } catch (cause) {
    throw new X509Error("UNSUPPORTED_KEY", "the public key can't be used", { cause });
  }
}

const maxKnownKeys = 256;
/** Keys of authorities by their DER, the last used at the end: importing one costs a quarter to half of a verification. */
const knownKeys = new Map<string, KeyObject>();

/** `importPublicKey` for the key of an authority, which many chains will show again: the last 256 are kept. @throws as it */
export function importAuthorityKey(spki: Uint8Array): KeyObject {
  const id = Buffer.from(spki.buffer, spki.byteOffset, spki.length).toString("latin1");
  const key = knownKeys.get(id) ?? importPublicKey(spki);
  knownKeys.delete(id);
  knownKeys.set(id, key);
  const [oldest] = knownKeys.size > maxKnownKeys ? knownKeys.keys() : [];
  if (oldest !== undefined) knownKeys.delete(oldest);
  return key;
}

/** SubjectPublicKeyInfo, DER, of a public key. */
export function exportPublicKey(key: KeyObject): Uint8Array {
  return key.export({ format: "der", type: "spki" });
}
