// SPDX-License-Identifier: Apache-2.0
import { BundleError, type BundleErrorCode } from "./errors.ts";
import { decodeUtf8, isJsonObject, JsonError, parseJson, type JsonObject } from "./json.ts";
import { quote } from "./quote.ts";

const maxDocumentBytes = 4_194_304;
const maxKeys = 256;

/** A part of a bundle that was left out, as the standard asks, while the rest counts. Worth a line in a log. */
export interface IgnoredMember {
  /** Where: "keys[3]", "spiffe_sequence". */
  readonly path: string;
  readonly code: BundleErrorCode;
  /** For people. */
  readonly reason: string;
}

/** How bundle documents are read. */
export interface BundleParseOptions {
  /** Told of each part that was left out. */
  readonly onIgnored?: ((ignored: IgnoredMember) => void) | undefined;
}

/** A JSON document of at most 4 MiB, UTF-8; integers beyond 2^53 as bigint. @throws {BundleError} NOT_JSON, TOO_LARGE */
export function readJsonDocument(json: string | Uint8Array): unknown {
  if (json.length > maxDocumentBytes)
    throw new BundleError("TOO_LARGE", `a bundle has at most ${maxDocumentBytes} bytes`);
  try {
    return parseJson(typeof json === "string" ? json : decodeUtf8(json), { bigints: true });
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new BundleError("NOT_JSON", `the bundle can't be read: ${cause.message}`, { cause });
  }
}

/** The JWK set (RFC 7517 §5) in a JSON value, with its keys; at most 256. @throws {BundleError} NO_KEYS, TOO_LARGE */
export function asKeySet(value: unknown): { readonly document: JsonObject; readonly keys: readonly unknown[] } {
  if (!isJsonObject(value) || !Array.isArray(value["keys"]))
    throw new BundleError("NO_KEYS", "the bundle has no member keys that is an array");
  const keys: readonly unknown[] = value["keys"];
  if (keys.length > maxKeys)
    throw new BundleError("TOO_LARGE", `a bundle has at most ${maxKeys} keys, not ${keys.length}`);
  return { document: value, keys };
}

/** What `read` makes of each JWK; one that it refuses, or that is no object, is left out (Trust Domain and Bundle §4.1.3). */
export function readKeys<T>(
  keys: readonly unknown[],
  read: (jwk: JsonObject, path: string) => T | undefined,
  onIgnored: BundleParseOptions["onIgnored"],
): T[] {
  return keys.flatMap((jwk, index) => {
    const path = `keys[${index}]`;
    try {
      if (!isJsonObject(jwk)) throw new BundleError("BAD_KEY", "a key is no object");
      const value = read(jwk, path);
      return value === undefined ? [] : [value];
    } catch (error) {
      if (!(error instanceof BundleError)) throw error;
      onIgnored?.({ path, code: error.code, reason: error.message });
      return [];
    }
  });
}

/** The refusal of a JWK for its `use`. */
export function unknownUse(use: unknown): BundleError {
  const what = typeof use === "string" ? `use ${quote(use)}` : "no use";
  return new BundleError("UNKNOWN_USE", `a key has ${what} that means an SVID; expected are x509-svid and jwt-svid`);
}
