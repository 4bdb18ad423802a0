// SPDX-License-Identifier: Apache-2.0

/**
 * Why something was refused. Stable.
 *
 * Encoding: `TOO_LARGE` over a size limit · `TOO_DEEP` nested beyond the limit · `DER_MALFORMED` not DER · `DER_TRAILING`
 * bytes after the value · `MALFORMED` DER, but not the structure that RFC 5280 or RFC 2986 gives · `PEM_MALFORMED`.
 * Content: `DUPLICATE_EXTENSION`, `DUPLICATE_ATTRIBUTE`, `UNSUPPORTED_KEY` algorithm or curve not allowed, `WEAK_KEY` size or
 * exponent out of bounds, `WEAK_SIGNATURE` MD5, SHA-1 or unknown algorithm.
 * Path: `NO_CERTS`, `UNTRUSTED` no chain to an anchor, `EXPIRED`, `NOT_YET_VALID`, `SIGNER_NOT_CA`, `SIGNER_NO_KEY_CERT_SIGN`,
 * `SIGNER_NO_CRL_SIGN`, `PATH_LEN`, `NAME_CONSTRAINT`, `UNKNOWN_CRITICAL`, `WRONG_EKU`, `PATH_BUDGET` too much work asked for.
 */
export type X509ErrorCode =
  | "TOO_LARGE"
  | "TOO_DEEP"
  | "DER_MALFORMED"
  | "DER_TRAILING"
  | "MALFORMED"
  | "PEM_MALFORMED"
  | "DUPLICATE_EXTENSION"
  | "DUPLICATE_ATTRIBUTE"
  | "UNSUPPORTED_KEY"
  | "WEAK_KEY"
  | "WEAK_SIGNATURE"
  | "NO_CERTS"
  | "UNTRUSTED"
  | "EXPIRED"
  | "NOT_YET_VALID"
  | "SIGNER_NOT_CA"
  | "SIGNER_NO_KEY_CERT_SIGN"
  | "SIGNER_NO_CRL_SIGN"
  | "PATH_LEN"
  | "NAME_CONSTRAINT"
  | "UNKNOWN_CRITICAL"
  | "WRONG_EKU"
  | "PATH_BUDGET";

/** Untrusted input was refused; `code` says why. A caller's own mistake is a TypeError or RangeError instead. */
export class X509Error extends Error {
  readonly code: X509ErrorCode;

  constructor(code: X509ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "X509Error";
    this.code = code;
  }
}
