// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Server } from "node:https";
import type { TLSSocket } from "node:tls";
import type { SpiffeId } from "@mayfly/spiffe";
import { createHttpsServer, requestPeer, verifiedPeer, type X509Source } from "@mayfly/spiffe-client";
import { parseTaskSpiffeId } from "@mayfly/tasks";
import { type AuthZenEndpointOptions, isAuthZenPath, serveAuthZen } from "../authzen/authzen-endpoint.ts";
import type { ServedTools } from "../calls/tool-calls.ts";
import { refusalText } from "../mcp/answers.ts";
import type { TaskFeed } from "../ports/task-feed.ts";
import { type Addressing, checkAddressing } from "./check-request.ts";
import { HttpRefusal } from "./http-refusal.ts";
import { type McpEndpointDeps, serveMcp } from "./mcp-endpoint.ts";
import { sendJson } from "./send-json.ts";

/** What the listener serves, and to whom. */
export interface ListenerOptions extends McpEndpointDeps {
  readonly source: X509Source;
  readonly feed: Pick<TaskFeed, "connection">;
  readonly addressing: Addressing;
  /** By the path below `/mcp/`. */
  readonly servers: ReadonlyMap<string, ServedTools>;
  readonly authzen?: AuthZenEndpointOptions | undefined;
  /** SPIFFE IDs of other enforcement points. */
  readonly enforcementPoints: ReadonlySet<string>;
}

const maxConnections = 8192;
const mcpPath = /^\/mcp\/([a-z0-9][a-z0-9._-]{0,62})$/;

/** The one door: mTLS, tasks of the own trust domain and listed enforcement points only. */
export function createListener(options: ListenerOptions): Server {
  const { source, log, enforcementPoints } = options;
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
  server.maxConnections = maxConnections;
  const process = randomBytes(4).toString("hex");
  let count = 0;
  server.on("secureConnection", (socket: TLSSocket) => {
    const { remoteAddress = "", remotePort = 0 } = socket;
    // An address comes again, a grant that is gone does not.
    follow(socket, `${remoteAddress}:${String(remotePort)}/${process}-${String(++count)}`, options);
  });
  return server;
}

/** Holds a task's connection for as long as it is open, and tells of it. */
function follow(socket: TLSSocket, ref: string, { live, table, feed }: ListenerOptions): void {
  const peer = verifiedPeer(socket);
  const task = peer && parseTaskSpiffeId(peer.id);
  if (task === undefined) return;
  live.addSocket(task.taskId, ref, socket);
  if (typeof table.judge(task.taskId) === "string") return;
  feed.connection(task.taskId, { ref });
  socket.once("close", () => feed.connection(task.taskId, { ref, evidence: live.closed() }));
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
  // What is left of a body that was not read is not waited for; who may do nothing keeps no connection.
  response.shouldKeepAlive = response.req.complete && refusal.code !== "TASK_REFUSED";
  sendJson(response, refusal.status, refusalText(refusal));
}

function noSuchPath(): HttpRefusal {
  return new HttpRefusal("NO_SUCH_PATH", "there is nothing at this path");
}
