// SPDX-License-Identifier: Apache-2.0
import {
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Stream,
} from "node:http2";
import type { PeerPolicy, ServerConnectionOptions } from "../../connections/options.ts";
import { guardHttpServer } from "../https/http-server-guard.ts";
import { type OwnServerOption, serverMaterial } from "../tls/server-material.ts";

/** Policy, and the options of `http2.createSecureServer` that the policy leaves open (allowHTTP1, settings, maxSessionMemory …). */
export interface Http2ServerOptions
  extends PeerPolicy,
    ServerConnectionOptions,
    Omit<SecureServerOptions, OwnServerOption> {}

/**
 * `http2.createSecureServer` that shows the newest SVID of the source and serves verified and authorized clients only. Takes streams by
 * `onStream`, or requests by the event `request`. A connection ends when its verdict does: GOAWAY, then open streams finish within `drainMs`.
 * @throws {SourceError} NO_SVID, SVID_EXPIRED, CLOSED
 */
export function createHttp2Server(
  options: Http2ServerOptions,
  onStream?: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number) => void,
): Http2SecureServer {
  const server = createSecureServer(serverMaterial(options.source, options));
  guardHttpServer(server, options);
  if (onStream !== undefined) server.on("stream", onStream);
  return server;
}
