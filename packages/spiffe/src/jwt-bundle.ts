// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from "node:crypto";
import {
  assertDistinctKeyIds,
  jwtAuthorityJwk,
  readJwtAuthority,
  withoutAmbiguous,
  type JwtAuthorityKey,
} from "./jwt-authority.ts";
import { asKeySet, readJsonDocument, readKeys, unknownUse, type BundleParseOptions } from "./key-set.ts";
import type { TrustDomain } from "./trust-domain.ts";

/** The JWT authorities of one trust domain. Without any, every JWT-SVID of the trust domain is invalid. Immutable. */
export class JwtBundle {
  readonly trustDomain: TrustDomain;
  /** In the order given. */
  readonly authorities: readonly JwtAuthorityKey[];
  /** By key ID. */
  readonly keys: ReadonlyMap<string, KeyObject>;
  readonly #byKeyId: ReadonlyMap<string, JwtAuthorityKey>;

  /** @throws {BundleError} MISSING_KEY_ID, DUPLICATE_KEY_ID */
  constructor(trustDomain: TrustDomain, keys: readonly JwtAuthorityKey[]) {
    assertDistinctKeyIds(keys);
    this.trustDomain = trustDomain;
    this.authorities = [...keys];
    this.keys = new Map(keys.map((key) => [key.keyId, key.publicKey]));
    this.#byKeyId = new Map(keys.map((key) => [key.keyId, key]));
  }

  /**
   * From a plain JWK set, as the Workload API sends it (Workload API §6.2.2): keys without `use`, or with `jwt-svid` or `sig`; each with
   * `kid`. Other keys, those that can't be used, and different keys with one ID are left out. At most 4 MiB and 256 keys.
   * @throws {BundleError} NOT_JSON, NO_KEYS, TOO_LARGE
   */
  static fromJwks(trustDomain: TrustDomain, json: string | Uint8Array, options: BundleParseOptions = {}): JwtBundle {
    const { keys } = asKeySet(readJsonDocument(json));
    const { onIgnored } = options;
    const read = readKeys(
      keys,
      (jwk) => {
        const { use } = jwk;
        if (use !== undefined && use !== "jwt-svid" && use !== "sig") throw unknownUse(use);
        return readJwtAuthority(jwk);
      },
      onIgnored,
    );
    return new JwtBundle(trustDomain, withoutAmbiguous(read, onIgnored));
  }

  /** The authority with this key ID, with what it may be used for. */
  authority(keyId: string): JwtAuthorityKey | undefined {
    return this.#byKeyId.get(keyId);
  }

  /** A plain JWK set: members of the key and `kid`, no `use` (Workload API §6.2.2; common JWT libraries don't know SPIFFE's values). */
  toJwks(): string {
    return JSON.stringify({ keys: this.authorities.map((key) => jwtAuthorityJwk(key)) });
  }
}
