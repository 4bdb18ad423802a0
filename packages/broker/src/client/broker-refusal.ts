// SPDX-License-Identifier: Apache-2.0
import { SpiffeError } from "@mayfly/spiffe";

/** The broker said no: `code` is one of a LeaseError's, a CallStatementError's or an X509SvidError's, or INTERNAL. */
export class BrokerRefusal extends SpiffeError {
  readonly code: string;
  /** The server's own code, with REFUSED. */
  readonly reason: string;

  constructor(code: string, reason: string) {
    super(`the broker refused: ${code}${reason === "" ? "" : ` (${reason})`}`);
    this.code = code;
    this.reason = reason;
  }
}
