// SPDX-License-Identifier: Apache-2.0
import type { IncomingHttpHeaders } from "node:http";
import { HttpRefusal } from "../http/http-refusal.ts";
import { decodeHeaderValue } from "./header-value.ts";
import { paramHeaders, type ParamHeader, paramText } from "./param-headers.ts";
import { protocolVersion } from "./protocol.ts";
import type { McpRequest } from "./read-request.ts";

/**
 * Compares the headers that others route by with the body that is decided on. All have to be there, and to say the same.
 * @throws {HttpRefusal} HEADER_MISMATCH
 */
export function matchHeaders(headers: IncomingHttpHeaders, request: McpRequest): void {
  match(headers, "mcp-protocol-version", protocolVersion);
  match(headers, "mcp-method", request.method);
  if (request.method === "tools/call") match(headers, "mcp-name", request.name);
  else refuseHeader(headers, "mcp-name");
  if (request.method !== "tools/call") refuseParams(headers, new Map());
}

/**
 * Compares `Mcp-Param-*` with the arguments, by the definition of the tool that is pinned. A header that the definition does not ask for, or
 * for an argument that is not there, is refused: somebody on the way may believe it.
 * @throws {HttpRefusal} HEADER_MISMATCH
 */
export function matchParamHeaders(
  headers: IncomingHttpHeaders,
  args: Readonly<Record<string, unknown>>,
  inputSchema: unknown,
): void {
  const declared = new Map<string, ParamHeader>(
    paramHeaders(inputSchema).map((each) => [`mcp-param-${each.header.toLowerCase()}`, each]),
  );
  const sent = new Map<string, string>();
  for (const [name, { path }] of declared) {
    const text = paramText(args, path);
    if (text !== undefined) sent.set(name, text);
  }
  refuseParams(headers, sent);
  for (const [name, text] of sent) match(headers, name, text);
}

function match(headers: IncomingHttpHeaders, name: string, expected: string): void {
  const header = headers[name];
  const value = typeof header === "string" ? decodeHeaderValue(header) : undefined;
  if (value !== expected) throw mismatch(name, header === undefined ? "is missing" : "is not what the body says");
}

function refuseHeader(headers: IncomingHttpHeaders, name: string): void {
  if (headers[name] !== undefined) throw mismatch(name, "has nothing in the body that it could be");
}

function refuseParams(headers: IncomingHttpHeaders, sent: ReadonlyMap<string, string>): void {
  const stray = Object.keys(headers).find((name) => name.startsWith("mcp-param-") && !sent.has(name));
  if (stray !== undefined) throw mismatch(stray.slice(0, 80), "has nothing in the body that it could be");
}

function mismatch(header: string, problem: string): HttpRefusal {
  return new HttpRefusal("HEADER_MISMATCH", `the header ${JSON.stringify(header)} ${problem}`, { header });
}
