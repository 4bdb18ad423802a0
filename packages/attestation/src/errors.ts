// SPDX-License-Identifier: Apache-2.0
import { SpiffeError } from "@mayfly/spiffe";

/**
 * Why an attestation was refused. Stable.
 *
 * `JOIN_TOKEN_UNKNOWN` never made, spent, or not a token · `JOIN_TOKEN_EXPIRED` (and spent by that) · `EVIDENCE_MALFORMED` payload or
 * answer can't be read · `CERTIFICATE_REFUSED` the node's certificate does not lead to a configured authority or may not be used for this
 * · `PROOF_REFUSED` the answer does not prove the node's key · `KEY_NOT_PROVEN` the method needs a request that is signed by its own key
 * · `UNEXPECTED_CHALLENGE` the server asked for what the method does not know · `ENROLMENT_MALFORMED` not an enrolment string, or
 * damaged in copying · `PEER_UNKNOWN` the kernel does not name the process at the other end of a socket · `PEER_GONE` it has ended.
 */
export type AttestationErrorCode =
  | "JOIN_TOKEN_UNKNOWN"
  | "JOIN_TOKEN_EXPIRED"
  | "EVIDENCE_MALFORMED"
  | "CERTIFICATE_REFUSED"
  | "PROOF_REFUSED"
  | "KEY_NOT_PROVEN"
  | "UNEXPECTED_CHALLENGE"
  | "ENROLMENT_MALFORMED"
  | "PEER_UNKNOWN"
  | "PEER_GONE";

/** A node or a process could not be attested; `code` says why. Messages hold no token, key or proof. */
export class AttestationError extends SpiffeError {
  readonly code: AttestationErrorCode;

  constructor(code: AttestationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
