// SPDX-License-Identifier: Apache-2.0
import type { Duplex } from "node:stream";
import type { Connection } from "./connection.ts";

interface Tracked {
  readonly socket: Duplex;
  readonly connection: Connection;
}

/** All open connections of one listener, found again from a call by the socket's address. */
export class Connections {
  readonly #open = new Map<string, Tracked>();

  /** `peer` is what gRPC says of a call on this socket. */
  add(peer: string, socket: Duplex, connection: Connection): void {
    this.#open.set(peer, { socket, connection });
    socket.once("close", () => {
      if (this.#open.get(peer)?.socket === socket) this.#open.delete(peer);
    });
  }

  /** The connection a call came over; undefined means that the call must be refused. */
  find(peer: string): Connection | undefined {
    return this.#open.get(peer)?.connection;
  }

  get size(): number {
    return this.#open.size;
  }

  destroyAll(): void {
    for (const { socket } of this.#open.values()) socket.destroy();
  }
}
