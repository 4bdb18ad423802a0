// SPDX-License-Identifier: Apache-2.0
import { parseTraceparent, type TraceContext } from "@mayfly/telemetry";
import { HttpRefusal } from "../http/http-refusal.ts";
import { parseStrictJson, StrictJsonError } from "../json/strict-json.ts";
import { metaKeys, objectOf, ownMetaKeys, protocolVersion } from "./protocol.ts";

/** Id of a JSON-RPC request. */
export type RequestId = string | number;

/** What all requests say. */
interface RequestBase {
  readonly id: RequestId;
  /** What the agent says is its span; undefined when it is none. Correlates, never authorizes. */
  readonly agentSpan: TraceContext | undefined;
}

/** A request that the gateway knows, read from the body alone. */
export type McpRequest =
  | (RequestBase & { readonly method: "server/discover" })
  | (RequestBase & { readonly method: "tools/list" })
  | (RequestBase & {
      readonly method: "tools/call";
      readonly name: string;
      readonly arguments: Readonly<Record<string, unknown>>;
      /** What the agent says is the approval; looked up, not believed. */
      readonly approvalId: string | undefined;
    });

const maxIdLength = 128;
/** The names that policies can speak of. */
const toolName = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const approvalPattern = /^[\x21-\x7e]{1,128}$/;

/**
 * Reads a body. Closed: a member that is not known, also one that is known in another case, is refused; so is every method without a rule.
 * @throws {HttpRefusal} BODY_MALFORMED, REQUEST_MALFORMED, VERSION_UNSUPPORTED, PARAMS_INVALID, UNKNOWN_METHOD. `data.id` is the request's
 */
export function readRequest(body: Uint8Array): McpRequest {
  const message = objectOf(parse(body));
  if (message === undefined) throw malformed("a body is one JSON-RPC request");
  requireMembers(message, ["jsonrpc", "id", "method", "params"], "the request");
  const { jsonrpc, id, method } = message;
  if (jsonrpc !== "2.0") throw malformed("jsonrpc has to be 2.0");
  if (typeof id !== "string" && !(typeof id === "number" && Number.isSafeInteger(id))) {
    throw malformed("a request has an id; notifications are not taken");
  }
  if (typeof id === "string" && id.length > maxIdLength) throw malformed("the id is too long");
  if (typeof method !== "string") throw malformed("method has to be a text");
  try {
    return readMethod(method, id, objectOf(message["params"]) ?? {});
  } catch (error) {
    throw error instanceof HttpRefusal ? new HttpRefusal(error.code, error.message, { ...error.data, id }) : error;
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

function readMethod(method: string, id: RequestId, params: Readonly<Record<string, unknown>>): McpRequest {
  const meta = readMeta(params["_meta"], method);
  const base = { id, agentSpan: parseTraceparent(meta[metaKeys.traceparent]) };
  if (method === "server/discover") {
    requireMembers(params, ["_meta"], "params");
    return { ...base, method };
  }
  if (method === "tools/list") {
    requireMembers(params, ["_meta"], "params");
    return { ...base, method };
  }
  if (method !== "tools/call") throw new HttpRefusal("UNKNOWN_METHOD", "there is no rule for this method");
  requireMembers(params, ["_meta", "name", "arguments"], "params");
  const { name, arguments: args = {} } = params;
  if (typeof name !== "string" || !toolName.test(name)) {
    throw new HttpRefusal("PARAMS_INVALID", "params.name has to be the name of a tool");
  }
  const members = objectOf(args);
  if (members === undefined) throw new HttpRefusal("PARAMS_INVALID", "params.arguments has to be an object");
  return { ...base, method, name, arguments: members, approvalId: readApproval(meta[ownMetaKeys.approval]) };
}

/** The envelope that each request has since 2026-07-28. Unknown members of `_meta` are the protocol's way to extend: they stop here. */
function readMeta(value: unknown, method: string): Readonly<Record<string, unknown>> {
  const meta = objectOf(value) ?? {};
  const version = meta[metaKeys.version];
  if (version !== protocolVersion) {
    const data = { supported: [protocolVersion], requested: typeof version === "string" ? version.slice(0, 32) : "" };
    const message = `${JSON.stringify(method.slice(0, 64))} has to be of protocol version ${protocolVersion}`;
    throw new HttpRefusal("VERSION_UNSUPPORTED", message, data);
  }
  if (objectOf(meta[metaKeys.capabilities]) === undefined) {
    throw new HttpRefusal("PARAMS_INVALID", `_meta has to have ${metaKeys.capabilities}`);
  }
  return meta;
}

function readApproval(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string" && approvalPattern.test(value)) return value;
  throw new HttpRefusal("PARAMS_INVALID", `${ownMetaKeys.approval} has to be an id`);
}

function requireMembers(value: object, known: readonly string[], what: string): void {
  const stray = Object.keys(value).find((name) => !known.includes(name));
  if (stray === undefined) return;
  const code = what === "params" ? "PARAMS_INVALID" : "REQUEST_MALFORMED";
  throw new HttpRefusal(code, `${what} has a member that is not known: ${JSON.stringify(stray.slice(0, 64))}`);
}

function malformed(message: string): HttpRefusal {
  return new HttpRefusal("REQUEST_MALFORMED", message);
}
