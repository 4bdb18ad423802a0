// SPDX-License-Identifier: Apache-2.0
import type { Agent } from "node:https";
import { exact, httpsAgent, type X509Source } from "@mayfly/spiffe-client";
import { encodeHeaderValue } from "../mcp/header-value.ts";
import { paramHeaders, paramText } from "../mcp/param-headers.ts";
import { metaKeys, ownMetaKeys, protocolVersion } from "../mcp/protocol.ts";
import type { RegisteredServer } from "../tools/tool-register.ts";
import { GatewayError } from "../errors.ts";
import { post } from "./post.ts";
import type { ToolAnswer } from "./read-answer.ts";

/** Limits of each request to a tool server. */
export interface UpstreamLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** A call that was begun at the ledger. */
export interface UpstreamCall {
  readonly callId: string;
  readonly tool: string;
  /** Canonical JSON: these very bytes are sent. */
  readonly argumentsJson: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly inputSchema: unknown;
  /** The gateway's signed word about this call. */
  readonly statement: string;
  readonly traceparent: string;
  readonly signal: AbortSignal;
}

/**
 * A tool server that only the gateway talks to: mTLS with the gateway's own SVID to one exact SPIFFE ID. Every byte of a request is written
 * here; nothing of what the agent sent but the canonical arguments gets in.
 */
export class ToolServer implements Disposable {
  readonly url: URL;
  readonly #limits: UpstreamLimits;
  readonly #agent: Agent;
  #lists = 0;

  constructor(server: RegisteredServer, source: X509Source, limits: UpstreamLimits) {
    this.url = server.url;
    this.#limits = limits;
    this.#agent = httpsAgent({ source, authorize: exact(server.spiffeId), maxSockets: 256, timeoutMs: 5000 });
  }

  /** @throws {GatewayError} UPSTREAM_*, CUT */
  async callTool(call: UpstreamCall): Promise<ToolAnswer> {
    const { callId, tool, argumentsJson, statement, traceparent, signal } = call;
    const meta = metaOf({ [ownMetaKeys.statement]: statement, [metaKeys.traceparent]: traceparent });
    const params = `{"_meta":${meta},"arguments":${argumentsJson},"name":${JSON.stringify(tool)}}`;
    const named = { "mcp-name": encodeHeaderValue(tool), ...paramHeadersOf(call) };
    return await this.#request({ id: callId, method: "tools/call", params, headers: named, signal });
  }

  /** One page of its tools. @throws {GatewayError} UPSTREAM_* */
  async listTools(cursor: string | undefined): Promise<Readonly<Record<string, unknown>>> {
    const at = cursor === undefined ? "" : `,"cursor":${JSON.stringify(cursor)}`;
    const params = `{"_meta":${metaOf({})}${at}}`;
    const answer = await this.#request({
      id: `list-${String(++this.#lists)}`,
      method: "tools/list",
      params,
      headers: {},
    });
    if ("result" in answer) return answer.result;
    throw new GatewayError(
      "UPSTREAM_MALFORMED",
      `the tool server refuses to list its tools: ${String(answer.error.code)}`,
    );
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  async #request(request: {
    readonly id: string;
    readonly method: string;
    readonly params: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly signal?: AbortSignal | undefined;
  }): Promise<ToolAnswer> {
    const { id, method, params, headers, signal } = request;
    const body = `{"id":${JSON.stringify(id)},"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":${params}}`;
    const sent = {
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      "mcp-protocol-version": protocolVersion,
      "mcp-method": method,
      ...headers,
    };
    return await post({ url: this.url, agent: this.#agent, id, body, headers: sent, signal, ...this.#limits });
  }
}

function metaOf(own: Readonly<Record<string, string>>): string {
  return JSON.stringify({ [metaKeys.version]: protocolVersion, [metaKeys.capabilities]: {}, ...own });
}

function paramHeadersOf({ arguments: args, inputSchema }: UpstreamCall): Readonly<Record<string, string>> {
  const headers = paramHeaders(inputSchema).flatMap(({ header, path }) => {
    const text = paramText(args, path);
    return text === undefined ? [] : [[`mcp-param-${header.toLowerCase()}`, encodeHeaderValue(text)] as const];
  });
  return Object.fromEntries(headers);
}
