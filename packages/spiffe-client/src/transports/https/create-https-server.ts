// SPDX-License-Identifier: Apache-2.0
import type { RequestListener } from "node:http";
import { createServer, type Server, type ServerOptions } from "node:https";
import type { PeerPolicy, ServerConnectionOptions } from "../../connections/options.ts";
import { type OwnServerOption, serverMaterial } from "../tls/server-material.ts";
import { guardHttpServer } from "./http-server-guard.ts";

/** Policy, and the options of `https.createServer` that the policy leaves open (timeouts, keepAlive, maxHeaderSize, ciphers …). */
export interface HttpsServerOptions extends PeerPolicy, ServerConnectionOptions, Omit<ServerOptions, OwnServerOption> {}

/**
 * `https.createServer` that shows the newest SVID of the source and serves verified and authorized clients only; nobody else's request is
 * read. `requestPeer(request)` says who asks. A connection ends when its verdict does: requests under way finish within `drainMs`.
 * @throws {SourceError} NO_SVID, SVID_EXPIRED, CLOSED
 */
export function createHttpsServer(options: HttpsServerOptions, listener?: RequestListener): Server {
  const server = createServer(serverMaterial(options.source, options), listener);
  guardHttpServer(server, options);
  return server;
}
