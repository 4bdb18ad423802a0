// SPDX-License-Identifier: Apache-2.0
import { realpathSync } from "node:fs";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { X509Source } from "@mayfly/spiffe-client";
import { createHttpsServer, exact, verifyCallStatement } from "@mayfly/spiffe-client";
import { createMcpHandler, fromJsonSchema, McpServer } from "@modelcontextprotocol/server";
import { idOf, identity } from "./identities.ts";

/** A request as it came to the tool server. */
interface SeenRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A real MCP server with tools, that takes the gateway's calls only. */
export interface TestToolServer extends AsyncDisposable {
  readonly url: string;
  readonly id: string;
  /** tools/call only. */
  readonly calls: SeenRequest[];
  /** Arguments that tools were run with. */
  readonly ran: { readonly tool: string; readonly args: unknown }[];
  readonly statements: ReturnType<typeof verifyCallStatement>[];
  /** Changes the description of a tool from now on. */
  describe(tool: string, description: string): void;
  /** Requests that a tool `slow` holds open. */
  readonly held: Set<() => void>;
  readonly closedEarly: { count: number };
}

const text = (value: string): { content: { type: "text"; text: string }[] } => ({
  content: [{ type: "text", text: value }],
});

/** Serves until it is disposed of. `root`: where the tool `read_file` reads. */
export async function startToolServer(root = "/nowhere", source = identity("/tool/orders")): Promise<TestToolServer> {
  const descriptions = new Map<string, string>();
  const state: Omit<TestToolServer, "url" | "id" | keyof AsyncDisposable> = {
    calls: [],
    ran: [],
    statements: [],
    held: new Set(),
    closedEarly: { count: 0 },
    describe: (tool, description) => void descriptions.set(tool, description),
  };
  const handler = createMcpHandler(() => mcpServer(state, descriptions, root), { legacy: "reject" });
  const server = createHttpsServer({ source, authorize: exact(idOf("/gateway")) }, (request, response) => {
    const gone = new AbortController();
    response.once("close", () => {
      if (response.writableFinished) return;
      state.closedEarly.count += 1;
      gone.abort();
    });
    const answer = async (): Promise<void> => {
      const body = await bodyOf(request);
      const web = new Request(`https://tools.test${request.url ?? "/"}`, {
        method: request.method ?? "POST",
        headers: Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
          typeof value === "string" && !name.startsWith(":") ? [[name, value]] : [],
        ),
        body,
        signal: gone.signal,
      });
      note(state, request, body, source);
      const answered = await handler.fetch(web);
      response.writeHead(answered.status, Object.fromEntries(answered.headers));
      for await (const chunk of answered.body ?? []) response.write(chunk);
      response.end();
    };
    answer().catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...state,
    url: `https://127.0.0.1:${port}/mcp`,
    id: idOf("/tool/orders"),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await handler.close();
    },
  };
}

function note(
  state: Pick<TestToolServer, "calls" | "statements">,
  { headers }: IncomingMessage,
  body: string,
  source: X509Source,
): void {
  if (headers["mcp-method"] !== "tools/call") return;
  state.calls.push({ headers, body });
  const { params } = JSON.parse(body) as { params: { _meta: Record<string, string> } };
  const rules = { source, gateways: exact(idOf("/gateway")), audience: idOf("/tool/orders") };
  state.statements.push(verifyCallStatement(params._meta["mayfly/statement"] ?? "", rules));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

function mcpServer(
  { ran, held }: Pick<TestToolServer, "ran" | "held">,
  descriptions: ReadonlyMap<string, string>,
  root: string,
): McpServer {
  const server = new McpServer({ name: "orders", version: "1.0.0" });
  const add = (
    tool: string,
    properties: Record<string, object>,
    run: (args: Record<string, unknown>) => unknown,
  ): void => {
    const inputSchema = fromJsonSchema<Record<string, unknown>>({
      type: "object",
      properties,
      additionalProperties: true,
    });
    const description = descriptions.get(tool) ?? `the tool ${tool}`;
    server.registerTool(tool, { description, inputSchema }, async (args) => {
      ran.push({ tool, args });
      return text(String(await run(args)));
    });
  };
  add("query", { table: { type: "string" }, limit: { type: "integer" } }, ({ table }) => `rows of ${String(table)}`);
  add(
    "refund",
    { order: { type: "string" }, amount: { type: "number" } },
    ({ amount }) => `refunded ${String(amount)}`,
  );
  add("region", { region: { type: "string", "x-mcp-header": "Region" } }, ({ region }) => `in ${String(region)}`);
  add("slow", {}, () => new Promise<string>((resolve) => held.add(() => resolve("at last"))));
  add("fails", {}, () => {
    throw new Error("it broke");
  });
  add("secret", {}, () => "never registered");
  add("read_file", { path: { type: "string" } }, ({ path }) => {
    const real = realpathSync(`${root}/${String(path)}`);
    if (!real.startsWith(`${realpathSync(root)}/`)) throw new Error("outside of the root");
    return real.slice(root.length);
  });
  return server;
}
