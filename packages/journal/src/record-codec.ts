// SPDX-License-Identifier: Apache-2.0
import { createHmac } from "node:crypto";
import { canonicalJson } from "./canonical-json.ts";
import { JournalError } from "./errors.ts";
import type { LogRecord } from "./record.ts";
import { recordProblem } from "./record-fields.ts";
import { readText } from "./text-encoding.ts";

/** Largest record, bytes. */
const maxRecordBytes = 61_440;
const limit = { code: "RECORD_MALFORMED", what: "a record", maxBytes: maxRecordBytes } as const;
const minKeyBytes = 32;

/**
 * The one encoding of a record: canonical JSON (RFC 8785) in UTF-8, at most 60 KiB, without a line break. Fields that are undefined are
 * left out.
 * @throws {JournalError} RECORD_MALFORMED, RECORD_TOO_LARGE, JSON_UNREPRESENTABLE (in `body`)
 */
export function encodeRecord(record: LogRecord): Uint8Array {
  const present = Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
  const problem = recordProblem(present);
  if (problem !== undefined) throw new JournalError("RECORD_MALFORMED", problem);
  const bytes = Buffer.from(canonicalJson(present));
  if (bytes.length <= maxRecordBytes) return bytes;
  throw new JournalError("RECORD_TOO_LARGE", `a record of ${String(bytes.length)} bytes is too large`);
}

/**
 * Reads what `encodeRecord` writes and nothing else: unknown fields and kinds, doubled names, spaces and other forms of the same value
 * are refused.
 * @throws {JournalError} RECORD_TOO_LARGE, RECORD_MALFORMED
 */
export function parseRecord(bytes: Uint8Array): LogRecord {
  if (bytes.length > maxRecordBytes) {
    throw new JournalError("RECORD_TOO_LARGE", `a record of ${String(bytes.length)} bytes is too large`);
  }
  const text = readText(bytes, limit);
  const value = parseCanonical(text);
  const problem = recordProblem(value);
  if (problem !== undefined) throw new JournalError("RECORD_MALFORMED", problem);
  return value as LogRecord;
}

/** JSON whose canonical form is the text itself: a name that comes twice is lost on the way there and back. */
function parseCanonical(text: string): unknown {
  let value: unknown;
  let canonical: string;
  try {
    value = JSON.parse(text);
    canonical = canonicalJson(value);
  } catch (cause) {
    throw new JournalError("RECORD_MALFORMED", "a record is JSON in canonical form", { cause });
  }
  if (canonical !== text) throw new JournalError("RECORD_MALFORMED", "a record is JSON in canonical form");
  return value;
}

/**
 * Digest that stands for a call's arguments in a record, `hmac-sha256:<hex>`: without the key (32 bytes or more) nobody can find the
 * arguments by trying. The arguments are given as canonical JSON.
 * @throws {RangeError} for a short key
 */
export function digestArguments(key: Uint8Array, canonicalArguments: string): string {
  if (key.length < minKeyBytes) throw new RangeError(`the key has at least ${String(minKeyBytes)} bytes`);
  return `hmac-sha256:${createHmac("sha256", key).update(canonicalArguments).digest("hex")}`;
}
