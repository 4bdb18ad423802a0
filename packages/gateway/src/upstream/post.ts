// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from "node:http";
import { type Agent, request as send } from "node:https";
import { GatewayError } from "../errors.ts";
import { readAnswer, type ToolAnswer } from "./read-answer.ts";

/** One request to a tool server. */
export interface PostOptions {
  readonly url: URL;
  readonly agent: Agent;
  /** Of the JSON-RPC request. */
  readonly id: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** For the whole of it. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends a request and reads its answer. Settles when the request is over: its connection is free again, or destroyed.
 * @throws {GatewayError} UPSTREAM_UNREACHABLE nothing was sent; else UPSTREAM_TIMEOUT, UPSTREAM_TOO_LARGE, UPSTREAM_MALFORMED, CUT
 */
export async function post(options: PostOptions): Promise<ToolAnswer> {
  const late = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal === undefined ? late : AbortSignal.any([options.signal, late]);
  if (signal.aborted) throw cut(options.signal);
  const { url, agent, body, headers } = options;
  const request = send(url, {
    method: "POST",
    agent,
    headers: { ...headers, "content-length": Buffer.byteLength(body) },
    signal,
  });
  let isSent = false;
  const over = new Promise<void>((resolve) => request.once("close", resolve));
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    request.once("response", resolve);
    request.once("error", reject);
  });
  request.once("finish", () => (isSent = true));
  // Held in node until there is a verified connection.
  request.end(body);
  let incoming: IncomingMessage | undefined;
  try {
    incoming = await response;
    return await readAnswer(incoming, options.id, options.maxBytes);
  } catch (error) {
    throw failureOf(error, { isSent, options, late });
  } finally {
    request.on("error", () => undefined);
    // A stream may go on after the answer; nothing more of it is wanted.
    if (incoming?.complete !== true) request.destroy();
    await over;
  }
}

function failureOf(
  error: unknown,
  { isSent, options, late }: { readonly isSent: boolean; readonly options: PostOptions; readonly late: AbortSignal },
): GatewayError {
  if (options.signal?.aborted === true) return cut(options.signal);
  if (late.aborted) return new GatewayError("UPSTREAM_TIMEOUT", "the tool server did not answer in time");
  if (error instanceof GatewayError) return error;
  if (isSent) return new GatewayError("UPSTREAM_MALFORMED", "the tool server's answer broke off", { cause: error });
  return new GatewayError("UPSTREAM_UNREACHABLE", "no verified connection to the tool server", { cause: error });
}

function cut(signal: AbortSignal | undefined): GatewayError {
  const reason: unknown = signal?.reason;
  return reason instanceof GatewayError ? reason : new GatewayError("CUT", "the call was given up", { cause: reason });
}
