// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import { AttestationError, type AttestationErrorCode } from "@mayfly/attestation";
import { AuthorityError, type AuthorityErrorCode, SignerError, type SignerErrorCode } from "@mayfly/ca";
import { StoreError, type StoreErrorCode } from "@mayfly/datastore";
import { reasonDetail, StatusError } from "@mayfly/rpc";
import { taskStatusError } from "../tasks/refusal.ts";

const attestation: Readonly<Record<AttestationErrorCode, status>> = {
  JOIN_TOKEN_UNKNOWN: status.INVALID_ARGUMENT,
  JOIN_TOKEN_EXPIRED: status.INVALID_ARGUMENT,
  EVIDENCE_MALFORMED: status.INVALID_ARGUMENT,
  CERTIFICATE_REFUSED: status.PERMISSION_DENIED,
  PROOF_REFUSED: status.PERMISSION_DENIED,
  KEY_NOT_PROVEN: status.INVALID_ARGUMENT,
  UNEXPECTED_CHALLENGE: status.INVALID_ARGUMENT,
  ENROLMENT_MALFORMED: status.INVALID_ARGUMENT,
  PEER_UNKNOWN: status.INTERNAL,
  PEER_GONE: status.INTERNAL,
};

const signer: Readonly<Record<SignerErrorCode, status>> = {
  ID_REFUSED: status.INVALID_ARGUMENT,
  KEY_REFUSED: status.INVALID_ARGUMENT,
  KEY_OF_AUTHORITY: status.INVALID_ARGUMENT,
  DNS_NAME_REFUSED: status.INVALID_ARGUMENT,
  TTL_REFUSED: status.INVALID_ARGUMENT,
  SUBJECT_REFUSED: status.INVALID_ARGUMENT,
  AUDIENCE_REFUSED: status.INVALID_ARGUMENT,
  REQUESTER_REFUSED: status.INVALID_ARGUMENT,
  REQUEST_TOO_LARGE: status.INVALID_ARGUMENT,
  SIGNER_AUTHORITY_EXPIRED: status.UNAVAILABLE,
  SIGNER_NOT_READY: status.UNAVAILABLE,
  SIGNER_CLOCK_UNTRUSTED: status.UNAVAILABLE,
  SIGNER_LOG_UNAVAILABLE: status.UNAVAILABLE,
  SIGNER_CLOSED: status.UNAVAILABLE,
  SIGNER_NOT_RECORDED: status.INTERNAL,
  SIGNER_SELF_CHECK_FAILED: status.INTERNAL,
};

/** Those that an operator causes have words of their own, in `local-authority`. */
const authority: Readonly<Record<AuthorityErrorCode, status>> = {
  AUTHORITY_ID_MISSING: status.INVALID_ARGUMENT,
  AUTHORITY_UNKNOWN: status.INVALID_ARGUMENT,
  AUTHORITY_ACTIVE: status.INVALID_ARGUMENT,
  AUTHORITY_PREPARED: status.INVALID_ARGUMENT,
  AUTHORITY_OLD: status.INTERNAL,
  AUTHORITY_TAINTED: status.INTERNAL,
  AUTHORITY_NOT_TAINTED: status.INTERNAL,
  AUTHORITY_REVOKED: status.INTERNAL,
  AUTHORITY_EXPIRED: status.INTERNAL,
  AUTHORITY_KEY_LOST: status.INTERNAL,
  AUTHORITY_NOT_READY: status.UNAVAILABLE,
  AUTHORITY_CONFLICT: status.UNAVAILABLE,
};

const store: Readonly<Record<StoreErrorCode, status>> = {
  STORE_FULL: status.UNAVAILABLE,
  STORE_UNAVAILABLE: status.UNAVAILABLE,
  STORE_BROKEN: status.UNAVAILABLE,
  STORE_CORRUPT: status.UNAVAILABLE,
  STORE_IN_USE: status.UNAVAILABLE,
  STORE_SCHEMA_NEWER: status.UNAVAILABLE,
  STORE_FOREIGN: status.UNAVAILABLE,
  STORE_PERMISSIONS: status.UNAVAILABLE,
  STORE_SETTINGS: status.UNAVAILABLE,
  STORE_LIBRARY: status.UNAVAILABLE,
  STORE_CLOSED: status.UNAVAILABLE,
  STORE_FAILED: status.INTERNAL,
  STORE_CONFLICT: status.INTERNAL,
};

/** What a caller gets to see of a store's trouble, and what helps. */
const storeTexts: Readonly<Partial<Record<StoreErrorCode, readonly [message: string, hint: string]>>> = {
  STORE_FULL: ["there is no room on the server's disk", "make room where the server's data directory is"],
  STORE_UNAVAILABLE: ["the datastore can't be read or written now", "see the server's log"],
  STORE_BROKEN: ["the server does not know what its disk holds", "restart the server"],
  STORE_CORRUPT: ["the server's database is damaged", "see the server's log"],
  STORE_CLOSED: ["the server is shutting down", "try again"],
};

/** What the wire gets to see of an error of the layers below; undefined when no map knows it. */
export function toStatusError(error: unknown): StatusError | undefined {
  if (error instanceof StatusError) return error;
  // The texts of attestation errors are those of the protocol.
  if (error instanceof AttestationError) return wrap(attestation[error.code], error.message, error);
  if (error instanceof SignerError) return ofSigner(error);
  if (error instanceof AuthorityError) return wrap(authority[error.code], error.message, error);
  // Never a reason that makes an agent throw its identity away: the store says nothing about the agent.
  if (error instanceof StoreError) return ofStore(error);
  return taskStatusError(error);
}

/** Whether nothing but the request is to blame, so that others of its batch can go on. */
export function isRefusedRequest(error: unknown): boolean {
  return error instanceof SignerError && signer[error.code] === status.INVALID_ARGUMENT;
}

function ofSigner(error: SignerError): StatusError {
  const message = `failed to sign: ${error.message}`;
  const reason = reasonDetail({ code: error.code, message, hint: "" });
  return new StatusError(signer[error.code], message, [reason], { cause: error });
}

function ofStore(error: StoreError): StatusError {
  const [message, hint] = storeTexts[error.code] ?? ["the datastore could not do it", "see the server's log"];
  const reason = reasonDetail({ code: error.code, message, hint });
  return new StatusError(store[error.code], message, [reason], { cause: error });
}

function wrap(code: status, message: string, cause: Error): StatusError {
  return new StatusError(code, message, [], { cause });
}
