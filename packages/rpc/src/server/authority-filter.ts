// SPDX-License-Identifier: Apache-2.0
import { Duplex } from "node:stream";
import { FrameFilter } from "./frame-filter.ts";

/**
 * Stands between an accepted socket and the HTTP/2 library. Clients built on grpc-java send the path of a Unix socket as
 * `:authority`, which nghttp2 refuses; the filter writes `-` over the slashes.
 */
export class AuthorityFilter extends Duplex {
  readonly #socket: Duplex;
  readonly #frames = new FrameFilter();
  readonly #enter: (deliver: () => void) => void;
  #closing = false;

  /** `enter` runs each delivery of bytes in the asynchronous context of the connection. */
  constructor(socket: Duplex, enter: (deliver: () => void) => void) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#enter = enter;
    socket.on("data", (chunk: Buffer) => this.#enter(() => this.#deliver(chunk)));
    socket.on("end", () => this.#enter(() => this.push(null)));
    socket.on("error", () => this.destroy());
    socket.on("close", () => this.#enter(() => this.destroy()));
  }

  /** Whether the client speaks HTTP/2. */
  get started(): boolean {
    return this.#frames.started;
  }

  /** Nothing that arrives from now on is passed on; what was written still leaves, then the socket is closed. */
  shut(): void {
    this.#closing = true;
    this.#socket.resume();
  }

  #deliver(chunk: Buffer): void {
    if (this.#closing) return;
    if (!this.push(this.#frames.push(chunk))) this.#socket.pause();
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#socket.write(chunk, callback);
  }

  override _writev(
    chunks: { readonly chunk: Buffer; readonly encoding: BufferEncoding }[],
    callback: (error?: Error | null) => void,
  ): void {
    this.#socket.cork();
    for (const [index, { chunk }] of chunks.entries()) {
      if (index === chunks.length - 1) this.#socket.write(chunk, callback);
      else this.#socket.write(chunk);
    }
    this.#socket.uncork();
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#socket.end(() => callback());
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#socket.destroy();
    callback(error);
  }
}
