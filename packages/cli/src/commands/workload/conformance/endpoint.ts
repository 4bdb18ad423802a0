// SPDX-License-Identifier: Apache-2.0
import { RpcChannel, type Sent, type ServerStream, StatusError, type Unary, WORKLOAD_HEADER } from "@mayfly/rpc";
import type { Target } from "../../../channel.ts";
import type { Outcome, Refusal } from "./outcome.ts";

/** Metadata of a call. */
export type Headers = Readonly<Record<string, string | readonly string[]>>;

/** What every call to a Workload API carries. */
export const goodHeaders: Headers = { [WORKLOAD_HEADER]: "true" };

/** How an endpoint is called. */
export interface EndpointOptions {
  /** For one call, or for the first message of a stream. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Any method with one request. */
export type Callable<Request, Response> = Unary<Request, Response> | ServerStream<Request, Response>;

function isUnary<Request, Response>(method: Callable<Request, Response>): method is Unary<Request, Response> {
  return method.kind === "unary";
}

/** The endpoint in question over one connection. It is not trusted: every call has a deadline, and how it ends is a value. */
export class Endpoint implements Disposable {
  readonly target: Target;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly channel: RpcChannel;

  constructor(target: Target, { timeoutMs, signal }: EndpointOptions) {
    this.target = target;
    this.timeoutMs = timeoutMs;
    this.signal = signal;
    this.channel = RpcChannel.open({ address: target.address });
  }

  /** The first message; the call is cancelled then. */
  first<Request, Response>(
    method: Callable<Request, Response>,
    request: Sent<Request>,
    headers: Headers = goodHeaders,
  ): Promise<Outcome<Response>> {
    const options = { timeoutMs: this.timeoutMs, signal: this.signal, metadata: headers };
    return this.outcome(() =>
      isUnary(method)
        ? this.channel.unary(method, request, options)
        : firstOf(this.channel.serverStream(method, request, options)),
    );
  }

  /** Runs one call; its status is part of the outcome. Throws only when interrupted. */
  async outcome<T>(call: () => Promise<T | undefined>): Promise<Outcome<T>> {
    const begun = performance.now();
    try {
      const message = await call();
      const ms = performance.now() - begun;
      return message === undefined ? { kind: "status", code: 0, text: "", ms } : { kind: "answer", message, ms };
    } catch (error) {
      return this.refusal(error, performance.now() - begun);
    }
  }

  /** The status that an error is. @throws the error when it is none, or when the user interrupts */
  refusal(error: unknown, ms: number): Refusal {
    this.signal.throwIfAborted();
    if (!(error instanceof StatusError)) throw error;
    return { kind: "status", code: error.code, text: error.message, ms };
  }

  [Symbol.dispose](): void {
    this.channel.close();
  }
}

async function firstOf<T>(messages: AsyncIterable<T>): Promise<T | undefined> {
  for await (const message of messages) return message;
  return undefined;
}
