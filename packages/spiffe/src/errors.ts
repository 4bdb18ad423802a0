// SPDX-License-Identifier: Apache-2.0

/**
 * The base of all coded errors of the project above `x509`: untrusted input, state or surroundings did not allow something. `code` is
 * stable and never translated; facts are in fields, not to be parsed from the message; nothing secret is in either. A caller's own
 * mistake is a TypeError or RangeError instead.
 */
export abstract class SpiffeError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/**
 * `EMPTY` · `BAD_SCHEME` not `spiffe://` · `MISSING_TRUST_DOMAIN` · `BAD_TRUST_DOMAIN_CHAR` · `TRUST_DOMAIN_TOO_LONG` over 255 bytes ·
 * `EMPTY_SEGMENT` · `TRAILING_SLASH` · `DOT_SEGMENT` `.` or `..` · `BAD_PATH_CHAR` · `NO_LEADING_SLASH` a path alone that does not begin
 * with one · `TOO_LONG` over 2,048 bytes.
 */
export type SpiffeIdErrorCode =
  | "EMPTY"
  | "BAD_SCHEME"
  | "MISSING_TRUST_DOMAIN"
  | "BAD_TRUST_DOMAIN_CHAR"
  | "TRUST_DOMAIN_TOO_LONG"
  | "EMPTY_SEGMENT"
  | "TRAILING_SLASH"
  | "DOT_SEGMENT"
  | "BAD_PATH_CHAR"
  | "NO_LEADING_SLASH"
  | "TOO_LONG";

/** Text that is no SPIFFE ID, trust domain or path (SPIFFE-ID §2). */
export class SpiffeIdError extends SpiffeError {
  readonly code: SpiffeIdErrorCode;

  constructor(code: SpiffeIdErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Shape: `NO_CERTS` · `MALFORMED` · `TOO_LARGE` more certificates or bytes than are looked at · `KEY_MISMATCH` the private key is not the leaf's.
 * Leaf: `NO_URI_SAN` · `MULTIPLE_URI_SAN` · `BAD_SPIFFE_ID` · `ROOT_PATH` · `LEAF_IS_CA` · `LEAF_KEY_CERT_SIGN` · `LEAF_CRL_SIGN` ·
 * `LEAF_NO_DIGITAL_SIGNATURE` also when there is no critical key usage.
 * Chain: `NO_BUNDLE` nothing known of the trust domain · `UNTRUSTED` · `EXPIRED` · `NOT_YET_VALID` · `SIGNER_NOT_CA` ·
 * `SIGNER_NO_KEY_CERT_SIGN` · `PATH_LEN` · `NAME_CONSTRAINT` · `UNKNOWN_CRITICAL` · `WRONG_EKU` the certificate names purposes, but neither
 * end of TLS · `WEAK_KEY` · `UNSUPPORTED_KEY` · `WEAK_SIGNATURE` · `PATH_BUDGET` more work asked for than is done · `REVOKED`.
 */
export type X509SvidErrorCode =
  | "NO_CERTS"
  | "MALFORMED"
  | "TOO_LARGE"
  | "KEY_MISMATCH"
  | "NO_URI_SAN"
  | "MULTIPLE_URI_SAN"
  | "BAD_SPIFFE_ID"
  | "ROOT_PATH"
  | "LEAF_IS_CA"
  | "LEAF_KEY_CERT_SIGN"
  | "LEAF_CRL_SIGN"
  | "LEAF_NO_DIGITAL_SIGNATURE"
  | "NO_BUNDLE"
  | "UNTRUSTED"
  | "EXPIRED"
  | "NOT_YET_VALID"
  | "SIGNER_NOT_CA"
  | "SIGNER_NO_KEY_CERT_SIGN"
  | "PATH_LEN"
  | "NAME_CONSTRAINT"
  | "UNKNOWN_CRITICAL"
  | "WRONG_EKU"
  | "WEAK_KEY"
  | "UNSUPPORTED_KEY"
  | "WEAK_SIGNATURE"
  | "PATH_BUDGET"
  | "REVOKED";

/** What a refused certificate says of itself, and what it was held against, as far as the check came. Not verified: for logs only. */
export interface X509SvidFacts {
  /** The SPIFFE ID that the leaf claims, as text, where one could be read. */
  readonly claimedId?: string | undefined;
  /** Lower-case hex: of the certificate that was refused, with REVOKED of the one that is revoked. */
  readonly serialNumber?: string | undefined;
  /** The leaf's URI names: NO_URI_SAN, MULTIPLE_URI_SAN, BAD_SPIFFE_ID. At most 8, each cut at 80 characters. */
  readonly uris?: readonly string[] | undefined;
  /** The leaf's, and the clock it was held against: EXPIRED, NOT_YET_VALID. With the clock inside, it is an issuer that is out of time. */
  readonly validity?: { readonly notBefore: Date; readonly notAfter: Date; readonly now: Date } | undefined;
  /** Key identifiers, lower-case hex, by which the chain's certificates name their issuers: UNTRUSTED. */
  readonly issuerKeyIds?: readonly string[] | undefined;
  /** Key identifiers of the bundle's authorities, at most 32: UNTRUSTED. */
  readonly trustedKeyIds?: readonly string[] | undefined;
}

/** An X.509-SVID was refused (X509-SVID §5). */
export class X509SvidError extends SpiffeError implements X509SvidFacts {
  readonly code: X509SvidErrorCode;
  readonly claimedId: string | undefined;
  readonly serialNumber: string | undefined;
  readonly uris: readonly string[] | undefined;
  readonly validity: X509SvidFacts["validity"];
  readonly issuerKeyIds: readonly string[] | undefined;
  readonly trustedKeyIds: readonly string[] | undefined;

  constructor(code: X509SvidErrorCode, message: string, options: ErrorOptions & X509SvidFacts = {}) {
    super(message, options);
    this.code = code;
    this.claimedId = options.claimedId;
    this.serialNumber = options.serialNumber;
    this.uris = options.uris;
    this.validity = options.validity;
    this.issuerKeyIds = options.issuerKeyIds;
    this.trustedKeyIds = options.trustedKeyIds;
  }
}

/**
 * `MALFORMED` not a compact JWS with a JSON object as claims · `TOO_LARGE` · `BAD_ALG` · `BAD_TYP` · `UNEXPECTED_HEADER` · `MISSING_SUB` ·
 * `BAD_SUB` · `MISSING_AUD` none, or not a list of texts · `AUD_MISMATCH` · `MISSING_EXP` none, or no time · `EXPIRED` · `NOT_YET_VALID` ·
 * `NO_BUNDLE` nothing known of the subject's trust domain · `UNKNOWN_KEY` the token names no key, or one that is not in the bundle ·
 * `BAD_SIGNATURE` also when the key does not fit the algorithm.
 */
export type JwtSvidErrorCode =
  | "MALFORMED"
  | "TOO_LARGE"
  | "BAD_ALG"
  | "BAD_TYP"
  | "UNEXPECTED_HEADER"
  | "MISSING_SUB"
  | "BAD_SUB"
  | "MISSING_AUD"
  | "AUD_MISMATCH"
  | "MISSING_EXP"
  | "EXPIRED"
  | "NOT_YET_VALID"
  | "NO_BUNDLE"
  | "UNKNOWN_KEY"
  | "BAD_SIGNATURE";

/** What a refused token says of itself, as far as it was read. Not verified: for logs and messages only. */
export interface JwtSvidClaim {
  /** The subject, when it is a SPIFFE ID. */
  readonly claimedId?: string | undefined;
  readonly keyId?: string | undefined;
  readonly audience?: readonly string[] | undefined;
  /** What the validator goes by: AUD_MISMATCH. */
  readonly wantedAudience?: readonly string[] | undefined;
  /** Key IDs of the bundle, at most 32: UNKNOWN_KEY. */
  readonly knownKeyIds?: readonly string[] | undefined;
  /** The token's, and the clock it was held against: EXPIRED, NOT_YET_VALID. */
  readonly validity?:
    | { readonly notBefore: Date | undefined; readonly expiresAt: Date; readonly now: Date }
    | undefined;
}

/** A JWT-SVID was refused (JWT-SVID §4). The message never holds the token. */
export class JwtSvidError extends SpiffeError implements JwtSvidClaim {
  readonly code: JwtSvidErrorCode;
  readonly claimedId: string | undefined;
  readonly keyId: string | undefined;
  /** Set with AUD_MISMATCH and what is found after it. */
  readonly audience: readonly string[] | undefined;
  readonly wantedAudience: readonly string[] | undefined;
  readonly knownKeyIds: readonly string[] | undefined;
  readonly validity: JwtSvidClaim["validity"];

  constructor(code: JwtSvidErrorCode, message: string, options?: ErrorOptions & JwtSvidClaim) {
    super(message, options);
    this.code = code;
    this.claimedId = options?.claimedId;
    this.keyId = options?.keyId;
    this.audience = options?.audience;
    this.wantedAudience = options?.wantedAudience;
    this.knownKeyIds = options?.knownKeyIds;
    this.validity = options?.validity;
  }
}

/**
 * `NOT_JSON` also for a member named twice · `NO_KEYS` · `BAD_SEQUENCE` · `BAD_REFRESH_HINT` · `NO_TRUST_DOMAINS` · `BAD_TRUST_DOMAIN` a
 * bundle map's name is none · `DUPLICATE_TRUST_DOMAIN` · `MALFORMED` certificates or PEM that can't be read · `TOO_LARGE` ·
 * `BAD_KEY` key material that can't or may not be used · `UNKNOWN_USE` · `MISSING_KEY_ID` · `DUPLICATE_KEY_ID`.
 */
export type BundleErrorCode =
  | "NOT_JSON"
  | "NO_KEYS"
  | "BAD_SEQUENCE"
  | "BAD_REFRESH_HINT"
  | "NO_TRUST_DOMAINS"
  | "BAD_TRUST_DOMAIN"
  | "DUPLICATE_TRUST_DOMAIN"
  | "MALFORMED"
  | "TOO_LARGE"
  | "BAD_KEY"
  | "UNKNOWN_USE"
  | "MISSING_KEY_ID"
  | "DUPLICATE_KEY_ID";

/** A trust bundle or bundle map was refused (Trust Domain and Bundle §4, §5). */
export class BundleError extends SpiffeError {
  readonly code: BundleErrorCode;

  constructor(code: BundleErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * `NOT_SET` empty · `NOT_URI` · `BAD_SCHEME` neither `unix` nor `tcp` · `OPAQUE` no path or authority after the scheme · `HAS_USERINFO` ·
 * `HAS_AUTHORITY` · `NO_PATH` · `HAS_PATH` · `HAS_QUERY` · `HAS_FRAGMENT` · `HOST_NOT_IP` · `NO_PORT` none between 1 and 65535.
 */
export type EndpointAddressErrorCode =
  | "NOT_SET"
  | "NOT_URI"
  | "BAD_SCHEME"
  | "OPAQUE"
  | "HAS_USERINFO"
  | "HAS_AUTHORITY"
  | "NO_PATH"
  | "HAS_PATH"
  | "HAS_QUERY"
  | "HAS_FRAGMENT"
  | "HOST_NOT_IP"
  | "NO_PORT";

/** Text that is no address of a Workload API endpoint (Workload Endpoint §4). */
export class EndpointAddressError extends SpiffeError {
  readonly code: EndpointAddressErrorCode;

  constructor(code: EndpointAddressErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
