// SPDX-License-Identifier: Apache-2.0
import { JournalError, type JournalErrorCode } from "./errors.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What a refusal is called, and the most bytes of UTF-8 that are read. */
export interface TextLimit {
  readonly code: JournalErrorCode;
  readonly what: string;
  readonly maxBytes: number;
}

/** Untrusted text, given as a string or as UTF-8: within its limit and well-formed Unicode. @throws {JournalError} the given code */
export function readText(input: string | Uint8Array, { code, what, maxBytes }: TextLimit): string {
  const length = typeof input === "string" ? Buffer.byteLength(input) : input.length;
  if (length > maxBytes) throw new JournalError(code, `${what} of ${String(length)} bytes is too large`);
  if (typeof input === "string") {
    if (input.isWellFormed()) return input;
    throw new JournalError(code, `${what} is not well-formed Unicode`);
  }
  try {
    return utf8.decode(input);
  } catch (cause) {
    throw new JournalError(code, `${what} is not UTF-8`, { cause });
  }
}

/** Standard base64 with padding, in its one form; undefined for anything else. RFC 4648 §4. */
export function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

/** Standard base64 with padding. RFC 4648 §4. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** A whole number in decimal, without leading zeros, at most 2^53 - 1; undefined for anything else. */
export function fromDecimal(text: string): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
