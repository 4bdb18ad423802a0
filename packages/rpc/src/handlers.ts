// SPDX-License-Identifier: Apache-2.0
import type { Metadata } from "@grpc/grpc-js";
import type { Encoded } from "./encoded.ts";
import type { Sent } from "./message.ts";
import type { Bidi, ServerStream, Unary } from "./service.ts";
import type { StatusError } from "./status/status-error.ts";

/** The connection that a call came over; `peer` is what the listener's `accept` was given. */
export interface PeerConnection<Peer> {
  readonly peer: Peer;
  /** Aborted when the connection is gone or being closed. */
  readonly signal: AbortSignal;
  /** Ends every call with UNAVAILABLE and then the connection; nothing that arrives after this is looked at. Idempotent. */
  close(reason: string): void;
}

/** What a handler knows of its call besides the request. */
export interface CallContext<Peer> {
  readonly peer: Peer;
  readonly connection: PeerConnection<Peer>;
  /**
   * Aborted when the call is over for any reason: the caller cancelled, the deadline passed, the connection is gone, `end` was
   * called, or the handler is done. The reason is a StatusError.
   */
  readonly signal: AbortSignal;
  readonly metadata: Metadata;
  /** undefined = none. */
  readonly deadline: Date | undefined;
  /** `/package.Service/Method`. */
  readonly path: string;
  /** Ends the call with this status now, even while the handler waits; what it gives after that is dropped. Idempotent. */
  end(status: StatusError): void;
}

/** A response as a handler gives it. */
export type Answer<Response> = Sent<Response> | Encoded<Response>;

/**
 * A handler of one method: a promise, or an async iterable for a stream of responses. A thrown StatusError is the status.
 * The iterable is asked for the next message when the last one has left; it is returned when the call is over.
 */
export type Handler<M, Peer> =
  M extends Unary<infer Request, infer Response>
    ? (request: Request, context: CallContext<Peer>) => Promise<Answer<Response>> | Answer<Response>
    : M extends ServerStream<infer Request, infer Response>
      ? (request: Request, context: CallContext<Peer>) => AsyncIterable<Answer<Response>>
      : M extends Bidi<infer Request, infer Response>
        ? (requests: AsyncIterable<Request>, context: CallContext<Peer>) => AsyncIterable<Answer<Response>>
        : never;

/** Handlers of a service by method; a method without handler answers UNIMPLEMENTED. */
export type Handlers<Methods extends object, Peer> = {
  readonly [Name in keyof Methods]?: Handler<Methods[Name], Peer> | undefined;
};
