// SPDX-License-Identifier: Apache-2.0

/** Who a client certificate speaks for, as verified in the handshake. */
export interface PeerIdentity {
  readonly id: string;
  /** Decimal. */
  readonly serialNumber: string;
  readonly notAfter: Date;
}

/** One accepted connection. */
export interface Connection {
  readonly kind: "tcp" | "local";
  /** Source address of a TCP connection, for rate limits. */
  readonly address: string | undefined;
  /** Undefined: local, or no client certificate. */
  readonly identity: PeerIdentity | undefined;
  /** The certificates that the client sent: DER, leaf first. */
  readonly chain: readonly Uint8Array[];
}

/** A connection over the admin socket. */
export const localConnection: Connection = { kind: "local", address: undefined, identity: undefined, chain: [] };
