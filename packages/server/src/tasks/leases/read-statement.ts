// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from "../../rpc/wire/refusal.ts";

/** What a statement says of its call. Not verified: each part is held against the call that the server itself let through. */
export interface StatedCall {
  readonly issuer: string;
  readonly task: string;
  readonly call: string;
  readonly tool: string;
}

const maxBytes = 24_576;

/**
 * The claims of a gateway's call statement (compact JWS). The broker has verified signature, certificates and audience; a broker that lies
 * gets no further than a call that is open in the store, which it could have been shown anyway.
 * @throws {StatusError} INVALID_ARGUMENT
 */
export function readStatedCall(token: string): StatedCall {
  const parts = token.length > maxBytes ? [] : token.split(".", 4);
  const [, payload] = parts;
  if (parts.length !== 3 || payload === undefined) throw malformed();
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
  } catch {
    throw malformed();
  }
  const { iss, task, call, tool } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return { issuer: text(iss), task: text(task), call: text(call), tool: text(tool) };
}

function text(value: unknown): string {
  if (typeof value === "string" && value !== "" && value.length <= 2048) return value;
  throw malformed();
}

function malformed(): Error {
  return invalidArgument("malformed call statement");
}
