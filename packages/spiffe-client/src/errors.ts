// SPDX-License-Identifier: Apache-2.0
import { SpiffeError } from "@mayfly/spiffe";

/**
 * `UNAVAILABLE` nobody answers, or not yet · `DENIED` no identity for this process · `INVALID_REQUEST` the endpoint refuses the request,
 * and would again · `UNIMPLEMENTED` the endpoint does not offer this · `BAD_RESPONSE` a mandatory field is empty or can't be read ·
 * `FAILED` anything else that the endpoint said · `CLOSED` the client was closed.
 */
export type WorkloadApiErrorCode =
  | "UNAVAILABLE"
  | "DENIED"
  | "INVALID_REQUEST"
  | "UNIMPLEMENTED"
  | "BAD_RESPONSE"
  | "FAILED"
  | "CLOSED";

/** The Workload API did not give what was asked for (SPIFFE Workload API §3, Workload Endpoint §5). `cause` is the gRPC status, if there was one. */
export class WorkloadApiError extends SpiffeError {
  readonly code: WorkloadApiErrorCode;

  constructor(code: WorkloadApiErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * `NO_SVID` the identity was withdrawn, or none fits · `SVID_EXPIRED` no newer one came in time · `NOT_READY` no update yet · `CLOSED` the
 * source was disposed of · `FILE_UNREADABLE` a file is missing or can't be read · `FILE_TOO_LARGE` more than 4 MiB · `FILE_INVALID` a
 * file, or what the files say together, can't be used · `BAD_REVOCATION_LIST` a revocation list can't be read and counts for nothing.
 */
export type SourceErrorCode =
  | "NO_SVID"
  | "SVID_EXPIRED"
  | "NOT_READY"
  | "CLOSED"
  | "FILE_UNREADABLE"
  | "FILE_TOO_LARGE"
  | "FILE_INVALID"
  | "BAD_REVOCATION_LIST";

/** A source has nothing to give. `cause` says why a file can't be used. */
export class SourceError extends SpiffeError {
  readonly code: SourceErrorCode;

  constructor(code: SourceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * `NO_CERTIFICATE` the peer showed none · `NOT_AUTHORIZED` its identity is known but not wanted · `RESUMED` the session was not verified anew ·
 * `NO_HTTP2` the server is the right one but does not speak HTTP/2.
 */
export type PeerErrorCode = "NO_CERTIFICATE" | "NOT_AUTHORIZED" | "RESUMED" | "NO_HTTP2";

/** A peer in TLS was refused for another reason than its certificate, which is an X509SvidError. */
export class PeerError extends SpiffeError {
  readonly code: PeerErrorCode;

  constructor(code: PeerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * `TOO_LARGE` · `MALFORMED` · `BAD_TYPE` not a call statement · `BAD_ALGORITHM` another than the certificate's key has · `UNSUPPORTED_KEY` ·
 * `NOT_A_GATEWAY` the signer is verified, but lets no calls through · `BAD_SIGNATURE` · `WRONG_AUDIENCE` · `TOO_LONG_LIVED` · `EXPIRED` ·
 * `NOT_YET_VALID`.
 */
export type CallStatementErrorCode =
  | "TOO_LARGE"
  | "MALFORMED"
  | "BAD_TYPE"
  | "BAD_ALGORITHM"
  | "UNSUPPORTED_KEY"
  | "NOT_A_GATEWAY"
  | "BAD_SIGNATURE"
  | "WRONG_AUDIENCE"
  | "TOO_LONG_LIVED"
  | "EXPIRED"
  | "NOT_YET_VALID";

/** A gateway's statement of a call was refused. The message never holds the statement. */
export class CallStatementError extends SpiffeError {
  readonly code: CallStatementErrorCode;

  constructor(code: CallStatementErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
