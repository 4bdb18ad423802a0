// SPDX-License-Identifier: Apache-2.0
import { constants, type ClientHttp2Session } from "node:http2";
import type { TLSSocket } from "node:tls";

/** The HTTP/2 session that grpc-js runs, or will run, over a socket. */
export interface ClientSession {
  /** The channel makes no new call on it; those under way go on, then it closes itself. */
  drain(): void;
  isIdle(): boolean;
}

/** grpc-js does not hand out its sessions: it is found when it is needed. */
export function clientSession(socket: TLSSocket): ClientSession {
  return {
    drain(): void {
      const session = findSession(socket);
      if (session === undefined || session.destroyed) return;
      // As if the server had sent GOAWAY: the channel turns to another connection.
      session.emit("goaway", constants.NGHTTP2_NO_ERROR, 0, Buffer.alloc(0));
      session.close();
    },
    isIdle(): boolean {
      const session = findSession(socket);
      return session === undefined || session.destroyed;
    },
  };
}

/** @NOTE node:http2 keeps the session in a property of the socket that has no public name. Not finding it costs calls, never safety. */
function findSession(socket: TLSSocket): ClientHttp2Session | undefined {
  for (const key of Reflect.ownKeys(socket)) {
    const value: unknown = Reflect.get(socket, key);
    if (isSession(value)) return value;
  }
  return undefined;
}

function isSession(value: unknown): value is ClientHttp2Session {
  return typeof value === "object" && value !== null && "goaway" in value && "settings" in value && "request" in value;
}
