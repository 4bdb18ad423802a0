// SPDX-License-Identifier: Apache-2.0
import { isIP } from "node:net";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import type { VerifiedPeer, X509Svid } from "@mayfly/spiffe";
import { authorizePeer } from "../../connections/authorize-peer.ts";
import { tlsContext } from "../../connections/material.ts";
import type { PeerPolicy } from "../../connections/options.ts";

/** Options of node:tls that a client takes from its source and policy, or that would get past them. */
export type OwnClientOption =
  | "ca"
  | "cert"
  | "checkServerIdentity"
  | "crl"
  | "key"
  | "passphrase"
  | "pfx"
  | "pskCallback"
  | "rejectUnauthorized"
  | "requestCert"
  | "secureContext"
  | "secureOptions"
  | "secureProtocol"
  | "session";

/** What `openVerified` needs. */
export interface OpenOptions extends PeerPolicy, Omit<ConnectionOptions, OwnClientOption | "timeout"> {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/** A connection to a server that was let through, and what it was shown. */
export interface OpenedConnection {
  readonly socket: TLSSocket;
  readonly peer: VerifiedPeer;
  readonly svid: X509Svid;
}

/**
 * Connects, and resolves after the verdict: nobody has the socket before, so that nothing can be waiting in it to be sent.
 * @throws as `connectTls`
 */
export async function openVerified(options: OpenOptions): Promise<OpenedConnection> {
  const { source, authorize, timeoutMs = 10_000 } = options;
  options.signal?.throwIfAborted();
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  const { svid } = source;
  const socket = connect(nodeOptions(options, svid));
  return await new Promise((resolve, reject) => {
    const abort = (): void => refuse(signal.reason);
    const settle = (): void => {
      signal.removeEventListener("abort", abort);
      socket.off("close", closed);
    };
    const refuse = (error: unknown): void => {
      settle();
      socket.destroy();
      reject(error);
    };
    const closed = (): void => refuse(new Error("the connection was closed during the handshake"));
    signal.addEventListener("abort", abort, { once: true });
    socket.on("error", refuse);
    socket.once("close", closed);
    socket.once("secureConnect", () => {
      try {
        const peer = authorizePeer(socket, { source, authorize, role: "server" });
        settle();
        resolve({ socket, peer, svid });
      } catch (error) {
        refuse(error);
      }
    });
  });
}

function nodeOptions(options: OpenOptions, svid: X509Svid): ConnectionOptions {
  // The policy is ours, and the signal's end would otherwise reach the open socket.
  const { source: _source, authorize: _authorize, signal: _signal, ...given } = options;
  const { host, servername } = given;
  const name = servername ?? (host === undefined || isIP(host) !== 0 ? undefined : host);
  return {
    ...given,
    ...(name === undefined ? {} : { servername: name }),
    secureContext: tlsContext(svid, given),
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    pskCallback: undefined,
    session: undefined,
  };
}
