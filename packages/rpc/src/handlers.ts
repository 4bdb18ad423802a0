// SPDX-License-Identifier: Apache-2.0
import type { Metadata } from "@grpc/grpc-js";
import type { Sent } from "./message.ts";
import type { Bidi, ServerStream, Unary } from "./service.ts";

/** The connection that a call came over; `peer` is what the listener's `accept` made of it. */
export interface PeerConnection<Peer> {
  readonly peer: Peer;
  /** Aborted when the connection is gone. */
  readonly signal: AbortSignal;
  /** Ends the connection and every call on it; `reason` goes to `onConnectionEnd`. Idempotent. */
  close(reason: string): void;
}

/** What a handler knows of its call besides the request. */
export interface CallContext<Peer> {
  readonly peer: Peer;
  readonly connection: PeerConnection<Peer>;
  /** Aborted when the caller cancelled, the deadline passed, the connection is gone, or a finished call is torn down. */
  readonly signal: AbortSignal;
  readonly metadata: Metadata;
  /** undefined = none. */
  readonly deadline: Date | undefined;
  /** `/package.Service/Method`. */
  readonly path: string;
}

/** A handler of one method: a promise, or an async iterable for a stream of responses. A thrown StatusError is the status. */
export type Handler<M, Peer> =
  M extends Unary<infer Request, infer Response>
    ? (request: Request, context: CallContext<Peer>) => Promise<Sent<Response>> | Sent<Response>
    : M extends ServerStream<infer Request, infer Response>
      ? (request: Request, context: CallContext<Peer>) => AsyncIterable<Sent<Response>>
      : M extends Bidi<infer Request, infer Response>
        ? (requests: AsyncIterable<Request>, context: CallContext<Peer>) => AsyncIterable<Sent<Response>>
        : never;

/** Handlers of a service by method; a method without handler answers UNIMPLEMENTED. */
export type Handlers<Methods extends object, Peer> = {
  readonly [Name in keyof Methods]?: Handler<Methods[Name], Peer> | undefined;
};
