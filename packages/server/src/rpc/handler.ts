// SPDX-License-Identifier: Apache-2.0
import type { Caller } from "../authorization/caller.ts";

/** What a handler knows of the call it serves. */
export interface CallContext {
  /** Full method path. */
  readonly method: string;
  readonly caller: Caller;
  /** Aborted when the call ends early; its reason is what the client gets to see, if it still listens. */
  readonly signal: AbortSignal;
}

/** A stream as its handler sees it. */
export interface CallStream<Req, Res> {
  /** The next message; undefined after the client's half-close. */
  next(): Promise<Req | undefined>;
  /** Resolves when more can be sent. */
  send(message: Res): Promise<void>;
}

/** One request, one answer. */
export interface UnaryHandler {
  readonly kind: "unary";
  /** Tokens of the rate limit that this request costs; 1 when absent. */
  readonly cost: ((request: never) => number) | undefined;
  readonly handle: (request: never, context: CallContext) => Promise<object>;
}

/** A handler of a bidirectional or server-streaming method. */
export interface StreamHandler {
  readonly kind: "stream";
  readonly handle: (stream: CallStream<never, never>, context: CallContext) => Promise<void>;
}

/** Handlers of one service by method name. */
export type Handlers = Readonly<Record<string, UnaryHandler | StreamHandler>>;

export function unary<Req, Res extends object>(
  handle: (request: Req, context: CallContext) => Promise<Res>,
  cost?: (request: Req) => number,
): UnaryHandler {
  return { kind: "unary", handle, cost };
}

export function streaming<Req, Res>(
  handle: (stream: CallStream<Req, Res>, context: CallContext) => Promise<void>,
): StreamHandler {
  return { kind: "stream", handle: handle as StreamHandler["handle"] };
}
