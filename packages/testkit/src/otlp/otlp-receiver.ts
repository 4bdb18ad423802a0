// SPDX-License-Identifier: Apache-2.0
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type ReceivedSpan, readSpans } from "./read-spans.ts";

/** A collector on a real socket: OTLP/HTTP with JSON, decoded and kept. */
export class OtlpReceiver implements AsyncDisposable {
  readonly spans: ReceivedSpan[] = [];
  readonly #server: Server;
  readonly #waiting = new Set<() => void>();

  /** Resolves when it listens on a free port of 127.0.0.1. */
  static async open(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, "127.0.0.1", resolve));
    return receiver;
  }

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#take(request).then(
        (status) => response.writeHead(status, { "content-type": "application/json" }).end("{}"),
        () => response.writeHead(400).end(),
      );
    });
  }

  /** For `traces.otlp`. */
  get url(): URL {
    return new URL(`http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`);
  }

  /** The first span that is such a one, as soon as it has come. */
  async span(isIt: (span: ReceivedSpan) => boolean, options: { readonly signal: AbortSignal }): Promise<ReceivedSpan> {
    for (;;) {
      const found = this.spans.find(isIt);
      if (found !== undefined) return found;
      options.signal.throwIfAborted();
      await this.#news(options.signal);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage): Promise<number> {
    if (request.method !== "POST" || request.url !== "/v1/traces") return 404;
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    this.spans.push(...readSpans(JSON.parse(Buffer.concat(parts).toString("utf8"))));
    for (const wake of this.#waiting) wake();
    return 200;
  }

  async #news(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    this.#waiting.delete(resolve);
  }
}
