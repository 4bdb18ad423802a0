// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import {
  type ClientHttp2Session,
  type ClientSessionOptions,
  connect,
  type SecureClientSessionOptions,
} from "node:http2";
import { rememberPeer } from "../../connections/authorize-peer.ts";
import { ConnectionGuard } from "../../connections/connection-guard.ts";
import type { ConnectionOptions, PeerPolicy } from "../../connections/options.ts";
import { PeerError } from "../../errors.ts";
import { openVerified, type OwnClientOption } from "../tls/open-verified.ts";

/** Policy, and the options of `http2.connect` that the policy leaves open. */
export interface ConnectHttp2Options
  extends PeerPolicy,
    ConnectionOptions,
    Omit<ClientSessionOptions, "createConnection" | "protocol" | "timeout">,
    Omit<SecureClientSessionOptions, OwnClientOption | "ALPNProtocols" | "createConnection" | "protocol" | "timeout"> {
  readonly signal?: AbortSignal | undefined;
  /** For the whole of connecting. Default 10 s. */
  readonly timeoutMs?: number | undefined;
}

/**
 * `http2.connect` with the SVID of now; resolves when the server was verified and authorized, and not a frame was sent to it before.
 * `verifiedPeer(session)` says who it is. When its verdict ends the session takes no more requests, and open ones finish within `drainMs`.
 * `authority`: `https://host:port`.
 * @throws {PeerError} NOT_AUTHORIZED, NO_HTTP2 and others; {X509SvidError}; {SourceError} NO_SVID and others; the socket's error; the
 * signal's reason
 */
export async function connectHttp2(authority: string | URL, options: ConnectHttp2Options): Promise<ClientHttp2Session> {
  const { protocol, hostname, port } = new URL(authority);
  if (protocol !== "https:") throw new TypeError(`an authority begins with https:, not ${protocol}`);
  const guard = new ConnectionGuard({ ...options, role: "server" });
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const opened = await openVerified({
    host,
    port: port === "" ? 443 : Number(port),
    ...options,
    ALPNProtocols: ["h2"],
  });
  const { socket } = opened;
  if (socket.alpnProtocol !== "h2") {
    socket.destroy();
    throw new PeerError("NO_HTTP2", "the server does not speak HTTP/2");
  }
  const { signal: _signal, source: _source, ...given } = options;
  const session = connect(authority, { ...given, createConnection: () => socket });
  rememberPeer(session, opened.peer);
  guard.add({ ...opened, drain: graceful(session), isIdle: () => false });
  if (session.connecting) await once(session, "connect");
  return session;
}

/**
 * Closes a session so that no request is lost. One that was made in this turn of the event loop is not on its way yet: node:http2 would
 * refuse it, and so would the server. Until it is, the session says `closed`, as it does afterwards.
 */
function graceful(session: ClientHttp2Session): () => void {
  let fresh = 0;
  const request = session.request.bind(session);
  session.request = (...given) => {
    fresh += 1;
    setImmediate(() => (fresh -= 1));
    return request(...given);
  };
  const close = (): void => {
    if (fresh === 0) return session.close();
    Object.defineProperty(session, "closed", { value: true, configurable: true });
    setImmediate(() => {
      Reflect.deleteProperty(session, "closed");
      close();
    });
  };
  return close;
}
