// SPDX-License-Identifier: Apache-2.0

/** A JSON object. */
export type JsonMap = Readonly<Record<string, unknown>>;

/** A compact JWS as it is: nothing in it is judged. */
export interface RawToken {
  readonly header: JsonMap;
  readonly claims: JsonMap;
  readonly segments: readonly [header: string, payload: string, signature: string];
}

const maxTokenBytes = 65_536;

/** JSON text of an object; undefined for anything else. */
export function jsonMap(text: string): JsonMap | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonMap) : undefined;
  } catch {
    return undefined;
  }
}

/** Takes a token of up to 64 KiB apart; undefined when it is no compact JWS with a JSON object in its first two parts. */
export function readRawToken(token: string): RawToken | undefined {
  if (token.length > maxTokenBytes || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return undefined;
  const [header = "", payload = "", signature = ""] = token.split(".");
  const decode = (segment: string): JsonMap | undefined => jsonMap(Buffer.from(segment, "base64url").toString());
  const [read, claims] = [decode(header), decode(payload)];
  return read === undefined || claims === undefined
    ? undefined
    : { header: read, claims, segments: [header, payload, signature] };
}

/** Base64url of JSON. */
export function segment(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
