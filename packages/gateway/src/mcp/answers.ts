// SPDX-License-Identifier: Apache-2.0
import type { HttpRefusal } from "../http/http-refusal.ts";
import { gatewayVersion } from "../version.ts";
import { metaKeys, protocolVersion } from "./protocol.ts";
import type { RequestId } from "./read-request.ts";

/** A result of JSON-RPC. */
export function resultText(id: RequestId, result: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ jsonrpc: "2.0", id, result });
}

/** An error of JSON-RPC. */
export function errorText(
  id: RequestId | undefined,
  error: { readonly code: number; readonly message: string; readonly data?: unknown },
): string {
  return JSON.stringify({ jsonrpc: "2.0", id: id ?? null, error });
}

/** A refusal as an error; `data.code` is stable. */
export function refusalText({ code, rpcCode, message, data: { id, ...data } }: HttpRefusal): string {
  const known = typeof id === "string" || typeof id === "number" ? id : undefined;
  return errorText(known, { code: rpcCode, message, data: { code, ...data } });
}

/** What the gateway says of itself in place of a tool server: tools and nothing else. */
export function discovery(server: string): Readonly<Record<string, unknown>> {
  return {
    resultType: "complete",
    supportedVersions: [protocolVersion],
    capabilities: { tools: {} },
    ttlMs: 0,
    cacheScope: "private",
    _meta: { [metaKeys.serverInfo]: { name: `mayfly-gateway/${server}`, version: gatewayVersion } },
  };
}
