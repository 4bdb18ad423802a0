// SPDX-License-Identifier: Apache-2.0

const prefix = "=?base64?";
const suffix = "?=";
const plain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A value as it goes into `Mcp-Name` and `Mcp-Param-*`: as it is where a header can carry it, else Base64 of its UTF-8. MCP 2026-07-28. */
export function encodeHeaderValue(value: string): string {
  if (plain.test(value) && !value.startsWith(prefix)) return value;
  return `${prefix}${Buffer.from(value, "utf8").toString("base64")}${suffix}`;
}

/** The value of such a header; undefined when its Base64 is not in its one form, or no UTF-8. */
export function decodeHeaderValue(header: string): string | undefined {
  if (!header.startsWith(prefix) || !header.endsWith(suffix)) return header;
  const inner = header.slice(prefix.length, -suffix.length);
  const bytes = Buffer.from(inner, "base64");
  if (bytes.toString("base64") !== inner) return undefined;
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
