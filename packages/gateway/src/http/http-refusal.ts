// SPDX-License-Identifier: Apache-2.0

/** A request that is refused before anything is decided about: HTTP status, code of JSON-RPC and our own stable one. */
export class HttpRefusal extends Error {
  readonly status: number;
  readonly code: RefusalCode;
  /** Code of the JSON-RPC error. */
  readonly rpcCode: number;
  /** Members of `error.data` beside `code`. */
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: RefusalCode, message: string, data: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    [this.status, this.rpcCode] = refusals[code];
    this.data = data;
  }
}

/**
 * Why a request is refused. Stable. `FOREIGN_ORIGIN` Host or Origin of somebody else: a page in a browser, a name that was bound anew ·
 * `NOT_A_TASK` the peer is no task · `TASK_REFUSED` the task may do nothing now; `data.reason` says why · `UNAVAILABLE` nothing can be
 * decided, so nothing passes · the others say what is wrong with the request.
 */
export type RefusalCode =
  | "FOREIGN_ORIGIN"
  | "NO_SUCH_PATH"
  | "METHOD_NOT_ALLOWED"
  | "BODY_TOO_LARGE"
  | "BODY_TOO_SLOW"
  | "BAD_CONTENT_TYPE"
  | "HEADER_TWICE"
  | "BODY_MALFORMED"
  | "REQUEST_MALFORMED"
  | "HEADER_MISMATCH"
  | "VERSION_UNSUPPORTED"
  | "PARAMS_INVALID"
  | "UNKNOWN_METHOD"
  | "NOT_A_TASK"
  | "TASK_REFUSED"
  | "TOO_MANY_CALLS"
  | "UNAVAILABLE";

/** HTTP status and JSON-RPC code of each. -32020 and -32022: MCP 2026-07-28. */
const refusals: Readonly<Record<RefusalCode, readonly [number, number]>> = {
  FOREIGN_ORIGIN: [403, -32600],
  NO_SUCH_PATH: [404, -32600],
  METHOD_NOT_ALLOWED: [405, -32600],
  BODY_TOO_LARGE: [413, -32600],
  BODY_TOO_SLOW: [408, -32600],
  BAD_CONTENT_TYPE: [415, -32600],
  HEADER_TWICE: [400, -32600],
  BODY_MALFORMED: [400, -32700],
  REQUEST_MALFORMED: [400, -32600],
  HEADER_MISMATCH: [400, -32020],
  VERSION_UNSUPPORTED: [400, -32022],
  PARAMS_INVALID: [400, -32602],
  UNKNOWN_METHOD: [404, -32601],
  NOT_A_TASK: [403, -32600],
  TASK_REFUSED: [403, -32600],
  TOO_MANY_CALLS: [429, -32603],
  UNAVAILABLE: [503, -32603],
};
