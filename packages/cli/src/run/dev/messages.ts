// SPDX-License-Identifier: Apache-2.0

/** What the tour asks of a demonstration program. */
export type Order =
  /** The agent listens: fetch an identity. */
  | { readonly order: "start" }
  /** Talk to the program that listens there, which must be `peer`. */
  | { readonly order: "call"; readonly port: number; readonly peer: string };

/** An X.509-SVID as shown on a screen. */
export interface SvidFacts {
  readonly spiffe_id: string;
  /** Lower-case hex. */
  readonly serial_number: string;
  /** RFC 3339. */
  readonly not_before: string;
  readonly not_after: string;
  readonly key: string;
  /** Subject key id of the authority, lower-case hex. */
  readonly authority: string;
}

/** One mTLS exchange, as seen by the side that asked. */
export interface Exchange {
  /** SPIFFE ID of the other side, verified in the handshake. */
  readonly peer: string;
  /** What the other side answered: the SPIFFE ID and serial number that it saw. */
  readonly seen: { readonly spiffe_id: string; readonly serial_number: string };
  readonly protocol: string;
  readonly cipher: string;
  readonly milliseconds: number;
}

/** What a demonstration program tells the tour. */
export type Report =
  /** Loaded, waits for `start`. */
  | { readonly report: "ready" }
  | ({ readonly report: "svid" } & SvidFacts)
  | { readonly report: "listening"; readonly port: number }
  | ({ readonly report: "exchange" } & Exchange)
  | { readonly report: "failed"; readonly code: string; readonly message: string };
