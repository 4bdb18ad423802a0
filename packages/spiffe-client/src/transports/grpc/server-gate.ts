// SPDX-License-Identifier: Apache-2.0
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Http2SecureServer, SecureServerOptions } from "node:http2";
import { Socket } from "node:net";
import { Server, TLSSocket } from "node:tls";
import { SpiffeError } from "@mayfly/spiffe";

type Negotiate = NonNullable<SecureServerOptions["ALPNCallback"]>;

/** Node tells of each connection of the process here, before its handshake: no client is met by a server that has no guard yet. */
const connections = "net.server.socket";

/** Finds the servers that grpc-js makes with some credentials, which it does not hand out, and has each guarded once. */
export class ServerGate {
  readonly #guard: (server: Http2SecureServer) => void;
  readonly #guarded = new WeakSet<Http2SecureServer>();
  /** For the servers; they are known by it. `this` is the socket. Without a guard nothing is negotiated. */
  readonly negotiate: Negotiate;

  /** `guard` may throw a SpiffeError where there is no identity (yet): then the connection ends, and the next one asks again. */
  constructor(guard: (server: Http2SecureServer) => void) {
    this.#guard = guard;
    const accept = (socket: unknown, protocols: readonly string[]): string | undefined => {
      const server: unknown = socket instanceof TLSSocket ? Reflect.get(socket, "server") : undefined;
      return isHttp2Server(server) && protocols.includes("h2") && this.#isGuarded(server) ? "h2" : undefined;
    };
    this.negotiate = function (this: unknown, { protocols }): string | undefined {
      return accept(this, protocols);
    };
  }

  open(): void {
    subscribe(connections, this.#meet);
  }

  close(): void {
    unsubscribe(connections, this.#meet);
  }

  readonly #meet = (message: unknown): void => {
    const socket: unknown = Reflect.get(message as object, "socket");
    if (!(socket instanceof Socket)) return;
    const server: unknown = Reflect.get(socket, "server");
    if (!isHttp2Server(server) || Reflect.get(server, "ALPNCallback") !== this.negotiate) return;
    if (!this.#isGuarded(server)) socket.destroy();
  };

  #isGuarded(server: Http2SecureServer): boolean {
    if (this.#guarded.has(server)) return true;
    try {
      this.#guard(server);
    } catch (error) {
      // There is no identity (any more).
      if (error instanceof SpiffeError) return false;
      throw error;
    }
    this.#guarded.add(server);
    return true;
  }
}

function isHttp2Server(server: unknown): server is Http2SecureServer {
  return server instanceof Server && "updateSettings" in server;
}
