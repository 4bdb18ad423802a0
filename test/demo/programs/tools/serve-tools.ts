// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createHttpsServer, exact, X509Source } from "@mayfly/spiffe-client";
import { createMcpHandler, type McpHttpHandler } from "@modelcontextprotocol/server";
import { CallGate } from "./call-gate.ts";
import { readConfig } from "./config.ts";
import { ordersTools } from "./orders-tools.ts";
import { TaskSessions } from "./task-sessions.ts";

const maxBodyBytes = 1_048_576;

/** A tool server that is being served. */
export interface ServedTools extends AsyncDisposable {
  readonly port: number;
  /** A line on stdout. */
  say(line: string): void;
}

/** Serves the tools of `orders` over mTLS to the gateway alone. @throws as `X509Source.open`; when the port is taken */
export async function serveTools(file: string): Promise<ServedTools> {
  const config = readConfig(file);
  await using resources = new AsyncDisposableStack();
  const { workload_socket: socket, spiffe_id: id, gateway_id: gateway } = config;
  const select = id === undefined ? {} : { select: ownIdentity(id) };
  const source = resources.use(await X509Source.open({ address: `unix://${socket}`, ...select }));
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const gate = new CallGate({ source, gateways: exact(gateway) });
  const { host, port, id: broker } = config.broker;
  const address = { source, authorize: exact(broker), host, port };
  const sessions = resources.use(new TaskSessions({ address, target: config.target, say }));
  const handler = createMcpHandler(() => ordersTools({ gate, sessions, config: readConfig(file), say }), {
    legacy: "reject",
  });
  resources.defer(() => handler.close());
  const server = createHttpsServer(
    {
      source,
      authorize: exact(gateway),
      onRefused: (error) => say(`refused ${String((error as { code?: unknown }).code)}: ${(error as Error).message}`),
    },
    (request, response) => {
      answer(request, response, handler).catch((error: unknown) => response.destroy(error as Error));
    },
  );
  resources.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(config.port, "127.0.0.1", resolve);
  });
  const { port: listening } = server.address() as AddressInfo;
  if (config.ready_file !== undefined) writeFileSync(config.ready_file, String(listening));
  say(`ready ${String(listening)}`);
  const owned = resources.move();
  return { port: listening, say, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function ownIdentity(id: string): (svids: X509Source["context"]["svids"]) => X509Source["svid"] | undefined {
  return (svids) => svids.find((svid) => svid.id.toString() === id);
}

/** node's request and answer as the SDK's. */
async function answer(request: IncomingMessage, response: ServerResponse, handler: McpHttpHandler): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) gone.abort();
  });
  const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
    typeof value === "string" ? [[name, value]] : [],
  );
  const method = request.method ?? "";
  const body = method === "POST" ? { body: await bodyOf(request) } : {};
  const asked = new Request(`https://orders.test${request.url ?? "/"}`, {
    method,
    headers,
    signal: gone.signal,
    ...body,
  });
  const answered = await handler.fetch(asked);
  response.writeHead(answered.status, Object.fromEntries(answered.headers));
  for await (const chunk of answered.body ?? []) response.write(chunk);
  response.end();
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxBodyBytes) throw new RangeError("the body is too large");
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}
