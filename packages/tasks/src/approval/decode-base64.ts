// SPDX-License-Identifier: Apache-2.0

/** Bytes of base64 (RFC 4648 §4) in its one canonical form, padded; undefined for anything else. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}
