// SPDX-License-Identifier: Apache-2.0
import type { Certificate } from "@mayfly/x509";
import { BundleError } from "./errors.ts";
import type { JsonObject } from "./json.ts";
import {
  assertDistinctKeyIds,
  jwtAuthorityJwk,
  readJwtAuthority,
  withoutAmbiguous,
  type JwtAuthorityKey,
} from "./jwt-authority.ts";
import { JwtBundle } from "./jwt-bundle.ts";
import { asKeySet, readJsonDocument, readKeys, unknownUse, type BundleParseOptions } from "./key-set.ts";
import type { TrustDomain } from "./trust-domain.ts";
import { readX509Authority, x509AuthorityJwk } from "./x509-authority.ts";
import { X509Bundle } from "./x509-bundle.ts";

/** What a `SpiffeBundle` is made of. */
export interface SpiffeBundleFields {
  readonly trustDomain: TrustDomain;
  readonly x509Authorities: readonly Certificate[];
  readonly jwtAuthorities: readonly JwtAuthorityKey[];
  /** 0 to 2^64 - 1. */
  readonly sequenceNumber?: bigint | undefined;
  /** Whole seconds; 0 counts as undefined. */
  readonly refreshHintSeconds?: number | undefined;
}

const maxSequence = 2n ** 64n - 1n;

/** All authorities of one trust domain, as trust domains exchange them (Trust Domain and Bundle §4). Immutable; a change is a new bundle. */
export class SpiffeBundle {
  /** Not part of the document (Trust Domain and Bundle §3): whoever keeps a bundle keeps this with it. */
  readonly trustDomain: TrustDomain;
  readonly x509Authorities: readonly Certificate[];
  readonly jwtAuthorities: readonly JwtAuthorityKey[];
  /** `spiffe_sequence`: grows with every change. */
  readonly sequenceNumber: bigint | undefined;
  /** `spiffe_refresh_hint`: how often to look for a newer bundle, seconds, more than 0. */
  readonly refreshHintSeconds: number | undefined;

  /** @throws {BundleError} MISSING_KEY_ID, DUPLICATE_KEY_ID, BAD_SEQUENCE, BAD_REFRESH_HINT */
  constructor(fields: SpiffeBundleFields) {
    const { sequenceNumber, refreshHintSeconds = 0 } = fields;
    assertDistinctKeyIds(fields.jwtAuthorities);
    if (sequenceNumber !== undefined && (sequenceNumber < 0n || sequenceNumber > maxSequence))
      throw new BundleError("BAD_SEQUENCE", "a sequence number lies between 0 and 2^64 - 1");
    if (!Number.isSafeInteger(refreshHintSeconds) || refreshHintSeconds < 0)
      throw new BundleError("BAD_REFRESH_HINT", "a refresh hint is a whole number of seconds");
    this.trustDomain = fields.trustDomain;
    this.x509Authorities = [...fields.x509Authorities];
    this.jwtAuthorities = [...fields.jwtAuthorities];
    this.sequenceNumber = sequenceNumber;
    this.refreshHintSeconds = refreshHintSeconds === 0 ? undefined : refreshHintSeconds;
  }

  /**
   * From its document, a JWK set, at most 4 MiB and 256 keys. Keys that are unknown, damaged or for something else, different keys with one
   * ID, and a sequence or hint that is no such number, are left out; the rest counts.
   * @throws {BundleError} NOT_JSON, NO_KEYS, TOO_LARGE
   */
  static parse(trustDomain: TrustDomain, json: string | Uint8Array, options: BundleParseOptions = {}): SpiffeBundle {
    return SpiffeBundle.fromDocument(trustDomain, readJsonDocument(json), options);
  }

  /** From a JSON value already read by this package (a bundle map's member). @throws {BundleError} NO_KEYS, TOO_LARGE */
  static fromDocument(trustDomain: TrustDomain, value: unknown, options: BundleParseOptions = {}): SpiffeBundle {
    const { onIgnored } = options;
    const { document, keys } = asKeySet(value);
    const x509Authorities: Certificate[] = [];
    const jwtAuthorities: JwtAuthorityKey[] = [];
    readKeys(
      keys,
      (jwk) => {
        const { use } = jwk;
        if (use === "x509-svid") x509Authorities.push(readX509Authority(jwk));
        else if (use === "jwt-svid") jwtAuthorities.push(readJwtAuthority(jwk));
        // WIT-SVID §6: known, but not supported here.
        else if (use !== "wit-svid") throw unknownUse(use);
      },
      onIgnored,
    );
    return new SpiffeBundle({
      trustDomain,
      x509Authorities,
      jwtAuthorities: withoutAmbiguous(jwtAuthorities, onIgnored),
      sequenceNumber: readSequence(document, onIgnored),
      refreshHintSeconds: readRefreshHint(document, onIgnored),
    });
  }

  /** The document: JSON text, UTF-8 when written. @throws {BundleError} BAD_KEY for a key that a bundle can't hold */
  toJson(): string {
    const keys = [
      ...this.x509Authorities.map((authority) => x509AuthorityJwk(authority)),
      ...this.jwtAuthorities.map((key) => ({ use: "jwt-svid", ...jwtAuthorityJwk(key) })),
    ];
    const members = [`"keys": ${JSON.stringify(keys, undefined, 2)}`];
    // @NOTE JSON.stringify can't write a bigint.
    if (this.sequenceNumber !== undefined) members.push(`"spiffe_sequence": ${this.sequenceNumber}`);
    if (this.refreshHintSeconds !== undefined) members.push(`"spiffe_refresh_hint": ${this.refreshHintSeconds}`);
    return `{${members.join(", ")}}`;
  }

  /** The X.509 authorities alone. */
  x509(): X509Bundle {
    return new X509Bundle(this.trustDomain, this.x509Authorities);
  }

  /** The JWT authorities alone. */
  jwt(): JwtBundle {
    return new JwtBundle(this.trustDomain, this.jwtAuthorities);
  }
}

function readSequence(document: JsonObject, onIgnored: BundleParseOptions["onIgnored"]): bigint | undefined {
  const value = document["spiffe_sequence"];
  if (value === undefined) return undefined;
  const sequence = typeof value === "bigint" || Number.isSafeInteger(value) ? BigInt(value as bigint | number) : -1n;
  if (sequence >= 0n && sequence <= maxSequence) return sequence;
  onIgnored?.({ path: "spiffe_sequence", code: "BAD_SEQUENCE", reason: "not an integer between 0 and 2^64 - 1" });
  return undefined;
}

function readRefreshHint(document: JsonObject, onIgnored: BundleParseOptions["onIgnored"]): number | undefined {
  const value = document["spiffe_refresh_hint"];
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  onIgnored?.({ path: "spiffe_refresh_hint", code: "BAD_REFRESH_HINT", reason: "not a positive integer" });
  return undefined;
}
