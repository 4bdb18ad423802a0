// SPDX-License-Identifier: Apache-2.0

/** One line of standard input; go/peer.go takes the same. */
export interface Command {
  readonly id: number;
  /**
   * `serve` until the end · `call` once over a new connection · `hold` a connection until it is ended · `stream` of calls · `resume`: calls
   * over new connections that offer the tickets of those before (Go only).
   */
  readonly op: "serve" | "call" | "hold" | "stream" | "resume";
  readonly transport: string;
  readonly address?: string | undefined;
  /** "any", "member:TRUST DOMAIN" or "id:SPIFFE ID". */
  readonly authorize: string;
  readonly seconds?: number | undefined;
  readonly every_ms?: number | undefined;
  /** Each request of a stream over a new connection. */
  readonly fresh?: boolean | undefined;
  /** Nothing newer is offered (Go only). */
  readonly tls12?: boolean | undefined;
  /** PEM files in place of the Workload API's identity (Go only). */
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
}

/** One line of standard output. */
export interface PeerEvent {
  /** Of the command that it belongs to; 0: none. */
  readonly id: number;
  /**
   * `ready` · `svid` a new one · `serving` · `done` · `failed` · `ended` by the other side · `refused` a client · `end` by our guard ·
   * `resumed` a client came with a ticket.
   */
  readonly event: "ready" | "svid" | "serving" | "done" | "failed" | "ended" | "refused" | "end" | "resumed";
  readonly address?: string | undefined;
  readonly peer?: string | undefined;
  readonly seen?: string | undefined;
  readonly code?: string | undefined;
  readonly error?: string | undefined;
  readonly reason?: string | undefined;
  readonly count?: number | undefined;
  readonly failed?: number | undefined;
  readonly serials?: number | undefined;
  /** Connections that began with a ticket. */
  readonly resumed?: number | undefined;
  readonly errors?: readonly string[] | undefined;
}
