// SPDX-License-Identifier: Apache-2.0
import { SpiffeError } from "@mayfly/spiffe";

/**
 * Why the agent can't start or go on. Stable.
 *
 * `ATTESTATION_REFUSED` the server does not take the node's evidence, and asking again can't help · `AGENT_BANNED` an operator banned the
 * node · `SERVER_NOT_TRUSTED` the server's certificate or bundle does not fit what the agent was told to trust · `NO_EVIDENCE` there is no
 * SVID on disk and nothing to attest with · `SECRET_UNREADABLE` a token, enrolment string, key or bundle file can't be read ·
 * `STATE_UNREADABLE` what lies in the data directory is damaged · `STATE_UNSAFE` others may write there · `DATA_DIR_MISMATCH` it belongs to
 * another trust domain · `DATA_DIR_IN_USE` another agent works in it · `SOCKET_PATH_UNSAFE` something else is where the socket belongs ·
 * `BAD_ANSWER` the server answered what the contract does not allow.
 */
export type AgentErrorCode =
  | "ATTESTATION_REFUSED"
  | "AGENT_BANNED"
  | "SERVER_NOT_TRUSTED"
  | "NO_EVIDENCE"
  | "SECRET_UNREADABLE"
  | "STATE_UNREADABLE"
  | "STATE_UNSAFE"
  | "DATA_DIR_MISMATCH"
  | "DATA_DIR_IN_USE"
  | "SOCKET_PATH_UNSAFE"
  | "BAD_ANSWER";

/** The agent's surroundings, or its server, do not allow it to go on. */
export class AgentError extends SpiffeError {
  readonly code: AgentErrorCode;

  constructor(code: AgentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
