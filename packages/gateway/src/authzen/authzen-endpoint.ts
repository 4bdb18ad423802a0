// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  answerEvaluations,
  type AuthZenDecision,
  type AuthZenEvaluation,
  AuthZenError,
  createMetadata,
  metadataPath,
  parseEvaluation,
  parseEvaluations,
} from "@mayfly/policy";
import { checkPost } from "../http/check-request.ts";
import { HttpRefusal } from "../http/http-refusal.ts";
import { readBody } from "../http/read-body.ts";
import { sendJson } from "../http/send-json.ts";
import { parseStrictJson, StrictJsonError } from "../json/strict-json.ts";

/** AuthZEN 1.0 for other enforcement points. */
export interface AuthZenEndpointOptions {
  /** The https URL under which they know this decision point. */
  readonly url: string;
  readonly maxBodyBytes: number;
  readonly bodyTimeoutMs: number;
  readonly decide: (evaluation: AuthZenEvaluation) => AuthZenDecision | Promise<AuthZenDecision>;
}

/** The decision point is a host: its own path is empty. AuthZEN 1.0 §9.2. */
const documentPath = metadataPath("https://localhost");
const evaluationPath = "/access/v1/evaluation";
const evaluationsPath = "/access/v1/evaluations";

/** Whether a path is one of AuthZEN's. */
export function isAuthZenPath(path: string): boolean {
  return path === evaluationPath || path === evaluationsPath || path === documentPath;
}

/** Serves one request of a listed enforcement point. A no is 200. @throws {HttpRefusal} */
export async function serveAuthZen(
  request: IncomingMessage,
  response: ServerResponse,
  options: AuthZenEndpointOptions,
): Promise<void> {
  echoRequestId(request, response);
  if (request.url === documentPath) {
    if (request.method !== "GET") throw new HttpRefusal("METHOD_NOT_ALLOWED", "the metadata is read with GET");
    return sendJson(response, 200, JSON.stringify(createMetadata(options.url)));
  }
  checkPost(request);
  const { maxBodyBytes: maxBytes, bodyTimeoutMs: timeoutMs, decide } = options;
  const value = parse(await readBody(request, { maxBytes, timeoutMs }));
  try {
    const evaluations = request.url === evaluationPath ? parseEvaluation(value) : parseEvaluations(value);
    sendJson(response, 200, JSON.stringify(await answerEvaluations(evaluations, decide)));
  } catch (error) {
    if (!(error instanceof AuthZenError)) throw error;
    throw new HttpRefusal("REQUEST_MALFORMED", error.message, { problem: error.code });
  }
}

function parse(body: Uint8Array): unknown {
  try {
    return parseStrictJson(body);
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error;
    throw new HttpRefusal("BODY_MALFORMED", error.message, { problem: error.problem });
  }
}

/** AuthZEN 1.0 §10.1.3. */
function echoRequestId({ headers }: IncomingMessage, response: ServerResponse): void {
  const id = headers["x-request-id"];
  if (typeof id === "string" && /^[\x21-\x7e]{1,128}$/.test(id)) response.setHeader("x-request-id", id);
}
