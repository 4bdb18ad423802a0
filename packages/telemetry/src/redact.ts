// SPDX-License-Identifier: Apache-2.0
import type { Fields } from "./logger.ts";

const redacted = "[redacted]";
const maxDepth = 4;
const maxItems = 50;
const maxCharacters = 2048;

const secretName = /token|secret|key|passw|credential|csr/i;
/** Names of public things about keys and tokens: `key_id`, `keyId`, `authority_key_ids`. */
const identifierName = /(?:_id|Id|_ids|Ids)$/;
/** A compact JWS or JWE, and a PEM block of a private key, wherever they stand in a text. */
const secretText =
  /\beyJ[\w-]{8,}(?:\.[\w-]*){2,4}|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/**
 * A copy of `fields` that is safe to write: plain JSON values only. What has the name of a secret (`token`, `secret`, `key`,
 * `password`, `credential`, `csr` in it, unless it ends in `_id`) and what looks like a JWT or a private key becomes
 * `[redacted]`; bytes become their length; errors become name, code, message and cause. Depth, list and text lengths are bounded.
 */
export function redact(fields: Fields): Record<string, unknown> {
  return record(Object.entries(fields), 0);
}

function record(entries: readonly (readonly [string, unknown])[], depth: number): Record<string, unknown> {
  const out: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of entries.slice(0, maxItems)) {
    if (value === undefined || typeof value === "function" || typeof value === "symbol") continue;
    out[name] = secretName.test(name) && !identifierName.test(name) ? redacted : plain(value, depth + 1);
  }
  return out;
}

function plain(value: unknown, depth: number): unknown {
  if (typeof value === "string") return text(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return typeof value === "symbol" ? String(value) : value;
  try {
    return object(value, depth);
  } catch {
    return "[unprintable]";
  }
}

function object(value: object, depth: number): unknown {
  if (ArrayBuffer.isView(value)) return `[${String(value.byteLength)} bytes]`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "invalid date" : value.toISOString();
  if (value instanceof Error) return error(value, depth);
  if (depth > maxDepth) return "[…]";
  if (Array.isArray(value) || value instanceof Set) {
    return [...value].slice(0, maxItems).map((item: unknown) => plain(item, depth + 1));
  }
  if (value instanceof Map) {
    return record(
      [...value].map(([key, item]: [unknown, unknown]) => [String(key), item] as const),
      depth,
    );
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return record(Object.entries(value), depth);
  return instance(value, depth);
}

/** Value objects say themselves what may be shown; of any other class only the name is. */
function instance(value: object, depth: number): unknown {
  const { toJSON, toString } = value as { toJSON?: unknown; toString: unknown };
  if (typeof toJSON === "function") return plain(toJSON.call(value), depth + 1);
  if (typeof toString === "function" && toString !== Object.prototype.toString)
    return text(String(toString.call(value)));
  return `[${value.constructor.name}]`;
}

function error(value: Error & { code?: unknown }, depth: number): unknown {
  const { name, message, code, cause } = value;
  return record(
    [
      ["name", name],
      ["code", typeof code === "string" || typeof code === "number" ? code : undefined],
      ["message", message],
      ["cause", cause === undefined || depth > maxDepth ? undefined : cause],
    ],
    depth,
  );
}

function text(value: string): string {
  const shown = value.length > maxCharacters ? `${value.slice(0, maxCharacters)}…` : value;
  return shown.replace(secretText, redacted);
}
