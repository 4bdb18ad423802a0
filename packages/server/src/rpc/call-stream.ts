// SPDX-License-Identifier: Apache-2.0
import type { ServerDuplexStream } from "@grpc/grpc-js";
import type { CallStream } from "./handler.ts";

/** Reads and writes a gRPC stream message by message, with back-pressure in both directions. */
export class GrpcCallStream<Req extends object, Res> implements CallStream<Req, Res> {
  readonly #call: ServerDuplexStream<Req, Res>;
  readonly #messages: AsyncIterator<Req>;
  readonly #signal: AbortSignal;

  constructor(call: ServerDuplexStream<Req, Res>, signal: AbortSignal) {
    this.#call = call;
    this.#signal = signal;
    this.#messages = call.iterator({ destroyOnReturn: false });
  }

  async next(): Promise<Req | undefined> {
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => {
      reject(this.#signal.reason as Error);
    };
    this.#signal.throwIfAborted();
    this.#signal.addEventListener("abort", onAbort, { once: true });
    try {
      const { done, value } = await Promise.race([this.#messages.next(), aborted]);
      return done === true ? undefined : value;
    } finally {
      this.#signal.removeEventListener("abort", onAbort);
    }
  }

  async send(message: Res): Promise<void> {
    this.#signal.throwIfAborted();
    if (this.#call.write(message)) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = (): void => {
      reject(this.#signal.reason as Error);
    };
    this.#call.once("drain", resolve);
    this.#signal.addEventListener("abort", onAbort, { once: true });
    try {
      await promise;
    } finally {
      this.#call.removeListener("drain", resolve);
      this.#signal.removeEventListener("abort", onAbort);
    }
  }
}
