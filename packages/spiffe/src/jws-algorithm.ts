// SPDX-License-Identifier: Apache-2.0
import { constants, verify, type KeyObject } from "node:crypto";

interface EcdsaAlgorithm {
  readonly kind: "ecdsa";
  readonly hash: string;
  /** OpenSSL's name. */
  readonly curve: string;
  /** Octets of r and s together (RFC 7518 §3.4). */
  readonly signatureBytes: number;
}

interface RsaAlgorithm {
  readonly kind: "pkcs1" | "pss";
  readonly hash: string;
  readonly hashBytes: number;
}

// JWT-SVID §2.1: these nine and no other.
const algorithms: ReadonlyMap<string, EcdsaAlgorithm | RsaAlgorithm> = new Map<string, EcdsaAlgorithm | RsaAlgorithm>([
  ["ES256", { kind: "ecdsa", hash: "sha256", curve: "prime256v1", signatureBytes: 64 }],
  ["ES384", { kind: "ecdsa", hash: "sha384", curve: "secp384r1", signatureBytes: 96 }],
  ["ES512", { kind: "ecdsa", hash: "sha512", curve: "secp521r1", signatureBytes: 132 }],
  ["RS256", { kind: "pkcs1", hash: "sha256", hashBytes: 32 }],
  ["RS384", { kind: "pkcs1", hash: "sha384", hashBytes: 48 }],
  ["RS512", { kind: "pkcs1", hash: "sha512", hashBytes: 64 }],
  ["PS256", { kind: "pss", hash: "sha256", hashBytes: 32 }],
  ["PS384", { kind: "pss", hash: "sha384", hashBytes: 48 }],
  ["PS512", { kind: "pss", hash: "sha512", hashBytes: 64 }],
]);

/** The nine, by name. */
export const jwsAlgorithms: readonly string[] = [...algorithms.keys()];

const minRsaBits = 2048;
const maxRsaBits = 4096;

/** Whether a JWT-SVID may be signed with this (JWT-SVID §2.1): case counts. */
export function isJwsAlgorithm(name: unknown): name is string {
  return typeof name === "string" && algorithms.has(name);
}

/**
 * Whether `signature` over `data` was made by this algorithm with the private half of `key`. False also when the key is of another type,
 * on another curve or of a size that is not allowed: OpenSSL itself would take ES256 with any curve.
 */
export function isJwsSignatureValid(
  name: string,
  key: KeyObject,
  { data, signature }: { readonly data: Uint8Array; readonly signature: Uint8Array },
): boolean {
  const algorithm = algorithms.get(name);
  if (algorithm === undefined || key.type !== "public") return false;
  const details = key.asymmetricKeyDetails;
  try {
    if (algorithm.kind === "ecdsa") {
      if (key.asymmetricKeyType !== "ec" || details?.namedCurve !== algorithm.curve) return false;
      if (signature.length !== algorithm.signatureBytes) return false;
      return verify(algorithm.hash, data, { key, dsaEncoding: "ieee-p1363" }, signature);
    }
    const bits = details?.modulusLength ?? 0;
    if (key.asymmetricKeyType !== "rsa" || bits < minRsaBits || bits > maxRsaBits) return false;
    if (algorithm.kind === "pkcs1") return verify(algorithm.hash, data, key, signature);
    // RFC 7518 §3.5: a salt as long as the hash, MGF1 with the same hash.
    const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: algorithm.hashBytes };
    return verify(algorithm.hash, data, pss, signature);
  } catch {
    // @NOTE OpenSSL throws for some signatures that are no signatures at all.
    return false;
  }
}
