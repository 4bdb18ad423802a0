// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from "node:crypto";
import { BundleError } from "./errors.ts";
import { exportJwk, importJwk, type PublicJwk } from "./jwk.ts";
import type { JsonObject } from "./json.ts";
import type { IgnoredMember } from "./key-set.ts";
import { quote } from "./quote.ts";

/** A key that JWT-SVIDs of a trust domain are signed with: its public half. */
export interface JwtAuthorityKey {
  /** The `kid` of tokens: not empty, unique in its bundle, compared byte by byte. */
  readonly keyId: string;
  readonly publicKey: KeyObject;
  /** The only JWS algorithm the key is for, where the bundle names one; undefined: any that fits its type. */
  readonly algorithm?: string | undefined;
}

/** A JWT authority from its JWK (JWT-SVID §6.2). @throws {BundleError} MISSING_KEY_ID, BAD_KEY */
export function readJwtAuthority(jwk: JsonObject): JwtAuthorityKey {
  const { kid, alg, kty } = jwk;
  if (typeof kid !== "string" || kid === "")
    throw new BundleError("MISSING_KEY_ID", "a key for JWT-SVIDs has no key ID");
  // JWT-SVID §2.1 allows algorithms for these two types only.
  if (kty !== "EC" && kty !== "RSA") throw new BundleError("BAD_KEY", "a key for JWT-SVIDs is neither EC nor RSA");
  if (alg !== undefined && typeof alg !== "string") throw new BundleError("BAD_KEY", "a key's algorithm is no text");
  const publicKey = importJwk(jwk);
  return alg === undefined ? { keyId: kid, publicKey } : { keyId: kid, publicKey, algorithm: alg };
}

/** The public members and the key ID. @throws {BundleError} BAD_KEY */
export function jwtAuthorityJwk(key: JwtAuthorityKey): PublicJwk {
  return { kid: key.keyId, ...exportJwk(key.publicKey) };
}

/** @throws {BundleError} MISSING_KEY_ID, DUPLICATE_KEY_ID */
export function assertDistinctKeyIds(keys: readonly JwtAuthorityKey[]): void {
  const seen = new Set<string>();
  for (const { keyId } of keys) {
    if (keyId === "") throw new BundleError("MISSING_KEY_ID", "a key for JWT-SVIDs has no key ID");
    if (seen.has(keyId)) throw new BundleError("DUPLICATE_KEY_ID", `two keys have the key ID ${quote(keyId)}`);
    seen.add(keyId);
  }
}

/** Without the keys that share an ID with another key: which of them a token means can't be known. The same key twice counts once. */
export function withoutAmbiguous(
  keys: readonly JwtAuthorityKey[],
  onIgnored: ((ignored: IgnoredMember) => void) | undefined,
): JwtAuthorityKey[] {
  return [...Map.groupBy(keys, (key) => key.keyId)].flatMap(([keyId, [first, ...others]]) => {
    if (first === undefined) return [];
    if (others.every((other) => other.publicKey.equals(first.publicKey) && other.algorithm === first.algorithm))
      return [first];
    onIgnored?.({
      path: "keys",
      code: "DUPLICATE_KEY_ID",
      reason: `different keys have the key ID ${quote(keyId)}`,
    });
    return [];
  });
}
