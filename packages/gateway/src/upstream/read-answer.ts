// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from "node:http";
import { GatewayError } from "../errors.ts";
import { parseStrictJson } from "../json/strict-json.ts";
import { objectOf } from "../mcp/protocol.ts";
import { readEvents } from "./read-events.ts";

/** What a tool server answered: a result, or an error of JSON-RPC. */
export type ToolAnswer =
  | { readonly result: Readonly<Record<string, unknown>> }
  | { readonly error: { readonly code: number; readonly message: string } };

/**
 * Reads the answer to a request, from one JSON body or from a stream of events, of which all but the answer are dropped.
 * @throws {GatewayError} UPSTREAM_TOO_LARGE, UPSTREAM_MALFORMED
 */
export async function readAnswer(response: IncomingMessage, id: string, maxBytes: number): Promise<ToolAnswer> {
  const type = (response.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  const chunks = limited(response, maxBytes);
  if (type === "text/event-stream") {
    for await (const event of readEvents(chunks)) {
      const answer = answerOf(Buffer.from(event), id);
      if (answer !== undefined) return answer;
    }
    throw malformed("the stream ended without an answer");
  }
  if (type !== "application/json") throw malformed(`HTTP ${String(response.statusCode)} and no JSON`);
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  const answer = answerOf(Buffer.concat(parts), id);
  if (answer === undefined) throw malformed("it is not the answer to the request");
  return answer;
}

/** undefined for a message that is not the answer to this request. */
function answerOf(bytes: Uint8Array, id: string): ToolAnswer | undefined {
  const message = objectOf(parse(bytes));
  if (message?.["jsonrpc"] !== "2.0" || message["id"] !== id) return undefined;
  const [result, error] = [objectOf(message["result"]), objectOf(message["error"])];
  if ((result === undefined) === (error === undefined)) throw malformed("neither a result nor an error");
  if (result !== undefined) return { result };
  const { code, message: text } = error ?? {};
  if (!Number.isSafeInteger(code) || typeof text !== "string") throw malformed("an error without code and message");
  return { error: { code: Number(code), message: text.slice(0, 2048) } };
}

function parse(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(bytes);
  } catch (cause) {
    throw new GatewayError("UPSTREAM_MALFORMED", "the tool server's answer is not strict JSON", { cause });
  }
}

async function* limited(response: IncomingMessage, maxBytes: number): AsyncGenerator<Buffer, void, undefined> {
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes)
      throw new GatewayError("UPSTREAM_TOO_LARGE", `the answer has more than ${String(maxBytes)} bytes`);
    yield chunk;
  }
}

function malformed(problem: string): GatewayError {
  return new GatewayError("UPSTREAM_MALFORMED", `the tool server's answer can't be used: ${problem}`);
}
