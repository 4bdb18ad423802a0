// SPDX-License-Identifier: Apache-2.0
import { SpiffeError } from "@mayfly/spiffe";

/**
 * Why the gateway can't start or go on. Stable.
 *
 * `POLICY_UNREADABLE` the policy bundle can't be read or is refused · `KEY_UNREADABLE` the key of the digests, or the policy key, can't be
 * read or made · `STATE_UNREADABLE` a file of the data directory can't be read or written · `NO_IDENTITY` the Workload API does not give the identity that is configured · `LISTEN_FAILED` the address can't be listened on · `FEED_MALFORMED` the server sent an order that the contract does not
 * allow · `UPSTREAM_UNREACHABLE` no verified connection to the tool server · `UPSTREAM_TIMEOUT` it did not answer in time ·
 * `UPSTREAM_TOO_LARGE` its answer is over the limit · `UPSTREAM_MALFORMED` its answer is not MCP · `CUT` the task ended under the call.
 */
export type GatewayErrorCode =
  | "POLICY_UNREADABLE"
  | "KEY_UNREADABLE"
  | "STATE_UNREADABLE"
  | "NO_IDENTITY"
  | "LISTEN_FAILED"
  | "FEED_MALFORMED"
  | "UPSTREAM_UNREACHABLE"
  | "UPSTREAM_TIMEOUT"
  | "UPSTREAM_TOO_LARGE"
  | "UPSTREAM_MALFORMED"
  | "CUT";

/** The gateway's surroundings, or a tool server, do not do what they have to. */
export class GatewayError extends SpiffeError {
  readonly code: GatewayErrorCode;

  constructor(code: GatewayErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
