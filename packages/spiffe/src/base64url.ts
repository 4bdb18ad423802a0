// SPDX-License-Identifier: Apache-2.0

/**
 * Strict base64url (RFC 7515 §2): no padding, no character outside the alphabet, no stray bits in the last character; "" is no bytes.
 * Undefined for all else. (Node's own decoder skips what it does not know.)
 */
export function decodeBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : undefined;
}

/** Strict base64 with padding (RFC 4648 §4), as in `x5c`; undefined for all else. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}
