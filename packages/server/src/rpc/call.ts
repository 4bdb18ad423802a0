// SPDX-License-Identifier: Apache-2.0
import type { Bidi, CallContext, Sent, ServerStream, Unary } from "@mayfly/rpc";
import type { Caller } from "../authorization/caller.ts";
import type { Connection } from "../transport/connection.ts";

/** A call that the guard let through. */
export interface Call extends CallContext<Connection> {
  readonly caller: Caller;
}

/** A handler behind the guard. A thrown StatusError is the status of the call. */
type GuardedHandler<M> =
  M extends Unary<infer Request, infer Response>
    ? (request: Request, call: Call) => Promise<Sent<Response>>
    : M extends ServerStream<infer Request, infer Response>
      ? (request: Request, call: Call) => AsyncIterable<Sent<Response>>
      : M extends Bidi<infer Request, infer Response>
        ? (requests: AsyncIterable<Request>, call: Call) => AsyncIterable<Sent<Response>>
        : never;

/** Handlers of all methods of a service: what is not there must be refused in so many words. */
export type GuardedHandlers<Methods extends object> = {
  readonly [Name in keyof Methods]: GuardedHandler<Methods[Name]>;
};
