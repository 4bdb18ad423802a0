// SPDX-License-Identifier: Apache-2.0
import type { ConnectionOptions as NodeConnectionOptions, TLSSocket } from "node:tls";
import { ConnectionGuard } from "../../connections/connection-guard.ts";
import type { ConnectionOptions, PeerPolicy } from "../../connections/options.ts";
import { openVerified, type OwnClientOption } from "./open-verified.ts";

/** Policy, and the options of `tls.connect` that the policy leaves open (host, port, path, socket, servername, ALPNProtocols …). */
export interface ConnectTlsOptions
  extends PeerPolicy,
    ConnectionOptions,
    Omit<NodeConnectionOptions, OwnClientOption | "timeout"> {
  readonly signal?: AbortSignal | undefined;
  /** For the whole of connecting. Default 10 s. */
  readonly timeoutMs?: number | undefined;
}

/**
 * `tls.connect` with the SVID of now; resolves when the server was verified and authorized, and not a byte was sent to it before.
 * `verifiedPeer(socket)` says who it is. The connection ends when its verdict does. The socket has an error listener that does nothing;
 * its owner adds an own one.
 * @throws {PeerError} NOT_AUTHORIZED and others; {X509SvidError}; {SourceError} NO_SVID and others; the socket's error; the signal's reason
 */
export async function connectTls(options: ConnectTlsOptions): Promise<TLSSocket> {
  const guard = new ConnectionGuard({ ...options, role: "server" });
  const { socket, peer, svid } = await openVerified(options);
  guard.add({ socket, peer, svid, drain: () => undefined, isIdle: () => false });
  return socket;
}
