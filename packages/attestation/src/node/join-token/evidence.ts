// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";

/** Name of the method on the wire. */
export const joinTokenType = "join_token";

/** Longest token that is looked up, bytes of UTF-8. */
export const maxTokenBytes = 1024;

/** SHA-256, lower-case hex: the form in which stores keep tokens and keys. */
export function sha256Hex(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}
