// SPDX-License-Identifier: Apache-2.0
import { type Agent as HttpsAgent, request as send } from "node:https";
import type { IncomingHttpHeaders } from "node:http";
import { exact, httpsAgent } from "@mayfly/spiffe-client";
import { createFetch } from "@mayfly/spiffe-client/undici";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { idOf, identity } from "./identities.ts";
import type { TestTask, World } from "./world.ts";

/** A real MCP client with a task's SVID. */
export async function connectClient(
  world: Pick<World, "url">,
  task: Pick<TestTask, "path">,
  source = identity(task.path),
): Promise<Client> {
  const verified = createFetch({ source, authorize: exact(idOf("/gateway")) });
  const transport = new StreamableHTTPClientTransport(new URL(`${world.url}/mcp/orders`), { fetch: verified });
  const client = new Client({ name: "agent", version: "1" }, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
  await client.connect(transport);
  return client;
}

/** What came back. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: {
    readonly result?: Record<string, unknown>;
    readonly error?: { readonly code: number; readonly message: string; readonly data?: Record<string, unknown> };
  } & Record<string, unknown>;
}

/** An agent that writes its requests by hand. */
export interface RawAgent extends Disposable {
  readonly sockets: HttpsAgent;
  post(path: string, body: string | Buffer, headers?: Record<string, string | string[]>): Promise<RawAnswer>;
  /** A well-formed request of MCP, with what may be spoiled. */
  mcp(method: string, params?: Record<string, unknown>, spoil?: Spoil): Promise<RawAnswer>;
  call(name: string, args?: unknown, spoil?: Spoil): Promise<RawAnswer>;
  get(path: string, headers?: Record<string, string>): Promise<RawAnswer>;
}

/** What is different from a good request. */
export interface Spoil {
  readonly headers?: Record<string, string | string[] | undefined>;
  readonly meta?: Record<string, unknown>;
  readonly body?: (text: string) => string;
  readonly path?: string;
}

/** Connects with the SVID of a path. */
export function rawAgent(world: Pick<World, "url">, path: string, source = identity(path)): RawAgent {
  const sockets = httpsAgent({ source, authorize: exact(idOf("/gateway")) });
  const request = (method: string, at: string, body: string | Buffer, headers: object): Promise<RawAnswer> =>
    new Promise((resolve, reject) => {
      // The path as it is: URL would tidy it.
      const { hostname, port } = new URL(world.url);
      const options = {
        hostname,
        port,
        path: at,
        method,
        agent: sockets,
        headers: clean({ host: `${hostname}:${port}`, ...headers }),
      };
      const sent = send(options, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(parts).toString();
          const json = text === "" ? {} : (JSON.parse(text) as RawAnswer["json"]);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
        });
      });
      sent.on("error", reject);
      sent.end(body);
    });
  const agent: RawAgent = {
    sockets,
    post: (at, body, headers = {}) => request("POST", at, body, { "content-type": "application/json", ...headers }),
    get: (at, headers = {}) => request("GET", at, "", headers),
    mcp: (
      method,
      params = {},
      { headers = {}, meta = {}, body = (text: string) => text, path = "/mcp/orders" } = {},
    ) => {
      const _meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        ...meta,
      };
      const text = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta } });
      const name = params["name"];
      const named = method === "tools/call" && typeof name === "string" ? { "mcp-name": name } : {};
      const usual = { "mcp-protocol-version": "2026-07-28", "mcp-method": method, ...named };
      return agent.post(path, body(text), { ...usual, ...headers } as Record<string, string>);
    },
    call: (name, args = {}, spoil = {}) => agent.mcp("tools/call", { name, arguments: args }, spoil),
    [Symbol.dispose]: () => sockets.destroy(),
  };
  return agent;
}

function clean(headers: object): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >;
}

/** The denial inside of a tool's result; undefined when it is none. */
export function denialOf({
  json,
}: RawAnswer): { reason: string; access_request?: { id: string; status: string } } | undefined {
  const content = json.result?.["structuredContent"] as { decision?: boolean; context?: never } | undefined;
  return json.result?.["isError"] === true && content?.decision === false ? content.context : undefined;
}
