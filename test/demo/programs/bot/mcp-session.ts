// SPDX-License-Identifier: Apache-2.0
import type { PeerPolicy } from "@mayfly/spiffe-client";
import { createFetch } from "@mayfly/spiffe-client/undici";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

/** A tool call, and what an attacker changes about it. */
export interface ToolCall {
  readonly tool: string;
  readonly arguments?: Record<string, unknown>;
  /** Members of `_meta` beside the client's own. */
  readonly meta?: Record<string, unknown>;
  /** HTTP headers over those that the client writes. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a call came to: a tool's result, with the denial taken out of it, or an error. */
interface CallAnswer {
  readonly text?: string;
  readonly denied?: { readonly reason: string; readonly approval?: string };
  readonly error?: { readonly code: string; readonly rpc: number; readonly message: string };
}

interface RpcAnswer {
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data?: { readonly code?: string; readonly reason?: string };
  };
}

/** The gateway takes 64 of one task. */
const maxConnections = 60;

/** A real MCP client at one address, over connections with the task's SVID. */
export class McpSession {
  readonly #client = new Client(
    { name: "ir-bot", version: "1" },
    { versionNegotiation: { mode: { pin: "2026-07-28" } } },
  );
  readonly #transport: StreamableHTTPClientTransport;
  #connected: Promise<void> | undefined;
  /** Of the call under way. */
  #headers: Readonly<Record<string, string>> = {};
  #refused: RpcAnswer = {};

  constructor(url: string, policy: PeerPolicy) {
    const verified = createFetch({ ...policy, connections: maxConnections });
    this.#transport = new StreamableHTTPClientTransport(new URL(url), {
      fetch: async (address, init) => {
        const headers = new Headers(init?.headers);
        if (headers.get("mcp-method") === "tools/call")
          for (const [name, value] of Object.entries(this.#headers)) headers.set(name, value);
        const response = await verified(address, { ...init, headers: Object.fromEntries(headers) });
        // Of a refusal the client tells the text only.
        if (!response.ok) this.#refused = await refusalOf(response.clone());
        return response;
      },
    });
  }

  /** Names of the tools that are shown. */
  async list(): Promise<string[]> {
    await this.#connect();
    return (await this.#client.listTools()).tools.map(({ name }) => name);
  }

  /** @throws where there was no answer at all */
  async call({ tool, arguments: args = {}, meta, headers = {} }: ToolCall): Promise<CallAnswer> {
    await this.#connect();
    this.#headers = headers;
    this.#refused = {};
    try {
      const _meta = meta === undefined ? {} : { _meta: meta };
      return shown(await this.#client.callTool({ name: tool, arguments: args, ..._meta }));
    } catch (error) {
      const { error: refusal } = this.#refused;
      if (refusal === undefined) throw error;
      const { code: rpc, message, data } = refusal;
      return { error: { code: data?.reason ?? data?.code ?? "", rpc, message } };
    } finally {
      this.#headers = {};
    }
  }

  #connect(): Promise<void> {
    this.#connected ??= this.#client.connect(this.#transport).catch((error: unknown) => {
      this.#connected = undefined;
      throw error;
    });
    return this.#connected;
  }
}

async function refusalOf(response: Response): Promise<RpcAnswer> {
  try {
    return (await response.json()) as RpcAnswer;
  } catch {
    return {};
  }
}

function shown(result: Awaited<ReturnType<Client["callTool"]>>): CallAnswer {
  const [content] = result.content;
  const text = content?.type === "text" ? content.text : "";
  const structured = result.structuredContent as
    | {
        readonly decision?: boolean;
        readonly context?: { readonly reason: string; readonly access_request?: { readonly id: string } };
      }
    | undefined;
  if (result.isError !== true) return { text };
  if (structured?.decision !== false || structured.context === undefined)
    return { text, error: { code: text.split(":")[0] ?? "", rpc: 0, message: text } };
  const { reason, access_request: asked } = structured.context;
  return { text, denied: { reason, ...(asked === undefined ? {} : { approval: asked.id }) } };
}
