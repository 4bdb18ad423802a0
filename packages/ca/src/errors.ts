// SPDX-License-Identifier: Apache-2.0
import { SpiffeError } from "@mayfly/spiffe";

/**
 * Why an authority could not be prepared, activated, tainted or revoked. Stable.
 *
 * `AUTHORITY_ID_MISSING` the id is empty · `AUTHORITY_UNKNOWN` no authority with this id may be used for it · `AUTHORITY_ACTIVE` it is
 * the active one · `AUTHORITY_PREPARED` it is the prepared one · `AUTHORITY_OLD` it was active before and can't be again ·
 * `AUTHORITY_TAINTED` already tainted · `AUTHORITY_NOT_TAINTED` taint it first · `AUTHORITY_REVOKED` already revoked ·
 * `AUTHORITY_EXPIRED` it has ended · `AUTHORITY_NOT_READY` none is loaded yet · `AUTHORITY_CONFLICT` others keep changing the store ·
 * `AUTHORITY_KEY_LOST` the key store has no key of the authority.
 */
export type AuthorityErrorCode =
  | "AUTHORITY_ID_MISSING"
  | "AUTHORITY_UNKNOWN"
  | "AUTHORITY_ACTIVE"
  | "AUTHORITY_PREPARED"
  | "AUTHORITY_OLD"
  | "AUTHORITY_TAINTED"
  | "AUTHORITY_NOT_TAINTED"
  | "AUTHORITY_REVOKED"
  | "AUTHORITY_EXPIRED"
  | "AUTHORITY_NOT_READY"
  | "AUTHORITY_CONFLICT"
  | "AUTHORITY_KEY_LOST";

/** An operation on an authority was refused; `code` says why. */
export class AuthorityError extends SpiffeError {
  readonly code: AuthorityErrorCode;

  constructor(code: AuthorityErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Why nothing was signed. Stable.
 *
 * The request: `ID_REFUSED` no SPIFFE ID, of another trust domain, without a path or of a class that the purpose may not have ·
 * `KEY_REFUSED` not a key that may be certified · `KEY_OF_AUTHORITY` an authority's own key · `DNS_NAME_REFUSED` · `TTL_REFUSED` ·
 * `SUBJECT_REFUSED` · `AUDIENCE_REFUSED` · `REQUESTER_REFUSED` the log could not say who asked, or for which entry · `REQUEST_TOO_LARGE`.
 * The state, closed rather than wrong: `SIGNER_AUTHORITY_EXPIRED` · `SIGNER_NOT_READY` · `SIGNER_CLOCK_UNTRUSTED` the clock jumped ·
 * `SIGNER_LOG_UNAVAILABLE` the intent could not be made durable · `SIGNER_NOT_RECORDED` asked to sign what is not in the log ·
 * `SIGNER_SELF_CHECK_FAILED` what was signed is not what was meant, so it was thrown away · `SIGNER_CLOSED`.
 */
export type SignerErrorCode =
  | "ID_REFUSED"
  | "KEY_REFUSED"
  | "KEY_OF_AUTHORITY"
  | "DNS_NAME_REFUSED"
  | "TTL_REFUSED"
  | "SUBJECT_REFUSED"
  | "AUDIENCE_REFUSED"
  | "REQUESTER_REFUSED"
  | "REQUEST_TOO_LARGE"
  | "SIGNER_AUTHORITY_EXPIRED"
  | "SIGNER_NOT_READY"
  | "SIGNER_CLOCK_UNTRUSTED"
  | "SIGNER_LOG_UNAVAILABLE"
  | "SIGNER_NOT_RECORDED"
  | "SIGNER_SELF_CHECK_FAILED"
  | "SIGNER_CLOSED";

/** Nothing was signed; `code` says why. */
export class SignerError extends SpiffeError {
  readonly code: SignerErrorCode;

  constructor(code: SignerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Why keys could not be kept. Stable. `KEY_NAME_TAKEN` · `KEY_FILE_UNSAFE` a key's file or folder may be read by others ·
 * `KEY_FILE_CORRUPT` not a key file, or changed since it was written · `KEY_ENCRYPTION_KEY_WRONG` the file was encrypted under another
 * key · `KEY_ENCRYPTION_KEY_INVALID` missing, not 32 bytes, or in a file that others may read.
 */
export type KeyStoreErrorCode =
  | "KEY_NAME_TAKEN"
  | "KEY_FILE_UNSAFE"
  | "KEY_FILE_CORRUPT"
  | "KEY_ENCRYPTION_KEY_WRONG"
  | "KEY_ENCRYPTION_KEY_INVALID";

/** A key could not be kept or read back; `code` says why. Messages name files, never contents. */
export class KeyStoreError extends SpiffeError {
  readonly code: KeyStoreErrorCode;

  constructor(code: KeyStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
