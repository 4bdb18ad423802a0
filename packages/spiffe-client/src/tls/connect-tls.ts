// SPDX-License-Identifier: Apache-2.0
import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import type { SpiffeIdMatcher } from "@mayfly/spiffe";
import type { X509Source } from "../x509-source.ts";
import { authorizePeer } from "./authorize-peer.ts";
import { tlsContext } from "./material.ts";

/** What `connectTls` needs. */
export interface ConnectTlsOptions {
  readonly source: X509Source;
  /** Who the server may be. */
  readonly authorize: SpiffeIdMatcher;
  readonly host: string;
  readonly port: number;
  /** Application protocols, the preferred first. Default: none. */
  readonly alpnProtocols?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For the whole of connecting. Default 10 s. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Connects with the SVID of now; resolves when the server was verified and authorized, and not a byte was sent to it before.
 * `verifiedPeer(socket)` says who it is. The socket has an error listener that does nothing; its owner adds an own one.
 * @throws {PeerError} NOT_AUTHORIZED and others; {X509SvidError}; {WorkloadApiError} NO_SVID; the socket's error; the signal's reason
 */
export async function connectTls(options: ConnectTlsOptions): Promise<TLSSocket> {
  const { source, authorize, host, port, alpnProtocols, timeoutMs = 10_000 } = options;
  options.signal?.throwIfAborted();
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  const socket = connect({
    secureContext: tlsContext(source.svid),
    host,
    port,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(alpnProtocols === undefined ? {} : { ALPNProtocols: [...alpnProtocols] }),
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
  return await new Promise((resolve, reject) => {
    const abort = (): void => refuse(signal.reason);
    const refuse = (error: unknown): void => {
      signal.removeEventListener("abort", abort);
      socket.destroy();
      reject(error);
    };
    signal.addEventListener("abort", abort, { once: true });
    socket.on("error", refuse);
    socket.once("close", () => refuse(new Error("the connection was closed during the handshake")));
    socket.once("secureConnect", () => {
      try {
        authorizePeer(socket, { bundles: source, authorize, role: "server" });
      } catch (error) {
        return refuse(error);
      }
      signal.removeEventListener("abort", abort);
      resolve(socket);
    });
  });
}
