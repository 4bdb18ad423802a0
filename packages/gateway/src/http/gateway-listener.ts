// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Server } from "node:https";
import type { TLSSocket } from "node:tls";
import type { SpiffeId } from "@mayfly/spiffe";
import { createHttpsServer, requestPeer, verifiedPeer, type X509Source } from "@mayfly/spiffe-client";
import { parseTaskSpiffeId } from "@mayfly/tasks";
import { type AuthZenEndpointOptions, isAuthZenPath, serveAuthZen } from "../authzen/authzen-endpoint.ts";
import type { ServedTools } from "../calls/tool-calls.ts";
import { refusalText } from "../mcp/answers.ts";
import { type Addressing, checkAddressing } from "./check-request.ts";
import { HttpRefusal } from "./http-refusal.ts";
import { type McpEndpointDeps, serveMcp } from "./mcp-endpoint.ts";
import { sendJson } from "./send-json.ts";

/** What the listener serves, and to whom. */
export interface ListenerOptions extends McpEndpointDeps {
  readonly source: X509Source;
  readonly addressing: Addressing;
  /** By the path below `/mcp/`. */
  readonly servers: ReadonlyMap<string, ServedTools>;
  readonly authzen?: AuthZenEndpointOptions | undefined;
  /** SPIFFE IDs of other enforcement points. */
  readonly enforcementPoints: ReadonlySet<string>;
}

const mcpPath = /^\/mcp\/([a-z0-9][a-z0-9._-]{0,62})$/;

/** The one door: mTLS, tasks of the own trust domain and listed enforcement points only. */
export function createListener(options: ListenerOptions): Server {
  const { source, log, live, enforcementPoints } = options;
  const trustDomain = source.svid.id.trustDomain;
  const server = createHttpsServer(
    {
      source,
      authorize: (id) => enforcementPoints.has(id.toString()) || isOwnTask(id, trustDomain),
      onRefused: (error, { remoteAddress }) => log.info("peer_refused", { error, remote: remoteAddress }),
      maxHeaderSize: 16_384,
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 60_000,
      drainMs: 1000,
    },
    (request, response) => {
      serve(request, response, options).catch((error: unknown) => fail(response, error, options));
    },
  );
  server.on("secureConnection", (socket: TLSSocket) => {
    const peer = verifiedPeer(socket);
    const task = peer && parseTaskSpiffeId(peer.id);
    const { remoteAddress = "", remotePort = 0 } = socket;
    if (task !== undefined) live.addSocket(task.taskId, `${remoteAddress}:${String(remotePort)}`, socket);
  });
  return server;
}

function isOwnTask(id: SpiffeId, trustDomain: SpiffeId["trustDomain"]): boolean {
  return id.trustDomain.equals(trustDomain) && parseTaskSpiffeId(id) !== undefined;
}

async function serve(request: IncomingMessage, response: ServerResponse, options: ListenerOptions): Promise<void> {
  const peer = requestPeer(request);
  checkAddressing(request, options.addressing);
  const path = request.url ?? "";
  if (isAuthZenPath(path)) {
    if (options.authzen === undefined || !options.enforcementPoints.has(peer.id.toString())) throw noSuchPath();
    return await serveAuthZen(request, response, options.authzen);
  }
  // One spelling of each path: what differs in slashes, case or encoding is another path, and there is none.
  const served = options.servers.get(mcpPath.exec(path)?.[1] ?? "");
  if (served === undefined) throw noSuchPath();
  await serveMcp({ request, response, peer }, served, options);
}

function fail(response: ServerResponse, error: unknown, { log }: ListenerOptions): void {
  const refusal = error instanceof HttpRefusal ? error : new HttpRefusal("UNAVAILABLE", "the request can't be served");
  if (refusal === error) log.debug("request_refused", { code: refusal.code, reason: refusal.data["reason"] });
  else log.error("request_failed", { error });
  // What is left of a body that was not read is not waited for.
  response.shouldKeepAlive = response.req.complete;
  sendJson(response, refusal.status, refusalText(refusal));
}

function noSuchPath(): HttpRefusal {
  return new HttpRefusal("NO_SUCH_PATH", "there is nothing at this path");
}
