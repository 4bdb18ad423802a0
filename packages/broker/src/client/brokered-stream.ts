// SPDX-License-Identifier: Apache-2.0
import { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";

/**
 * A connection that stands already, for drivers that want to make one: `connect` finds it made, and what is meant for a TCP socket reaches
 * the one below.
 */
export class BrokeredStream extends Duplex {
  /** The lease that it rests on. */
  readonly lease: string;
  readonly #socket: TLSSocket;

  constructor(socket: TLSSocket, lease: string) {
    super({ allowHalfOpen: false });
    this.lease = lease;
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) socket.pause();
    });
    socket.once("end", () => this.push(null));
    socket.once("close", () => this.destroy());
    socket.on("error", (error: Error) => this.destroy(error));
    socket.pause();
  }

  /** For drivers: the address is of no interest. */
  connect(): this {
    setImmediate(() => this.emit("connect"));
    return this;
  }

  setNoDelay(on = true): this {
    this.#socket.setNoDelay(on);
    return this;
  }

  setKeepAlive(on = false, delayMs = 0): this {
    this.#socket.setKeepAlive(on, delayMs);
    return this;
  }

  ref(): this {
    this.#socket.ref();
    return this;
  }

  unref(): this {
    this.#socket.unref();
    return this;
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, (error) => done(error));
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
