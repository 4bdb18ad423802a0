// SPDX-License-Identifier: Apache-2.0
import { type JsonMap, jsonMap } from "./raw-token.ts";

const maxBytes = 4 * 1024 * 1024;

/** A JWK set as it is: nothing in it is judged but that it is one. */
export interface KeySet {
  readonly keys: readonly JsonMap[];
  /** Members of the document beside `keys`. */
  readonly others: readonly string[];
}

/** Reads JSON of up to 4 MiB; undefined when it is no object with a list of objects as `keys`. */
export function readKeySet(json: Uint8Array | string): KeySet | undefined {
  if (json.length > maxBytes) return undefined;
  const document = jsonMap(typeof json === "string" ? json : Buffer.from(json).toString());
  const keys: unknown = document?.["keys"];
  if (document === undefined || !Array.isArray(keys)) return undefined;
  const objects = keys.filter((key) => typeof key === "object" && key !== null) as JsonMap[];
  if (objects.length !== keys.length) return undefined;
  return { keys: objects, others: Object.keys(document).filter((name) => name !== "keys") };
}
