// SPDX-License-Identifier: Apache-2.0
import type { ByteReader } from "./byte-reader.ts";
import { JournalError } from "./errors.ts";
import { type Intent, intentLimits } from "./intent.ts";
import { hashBytes } from "./merkle.ts";

// One intent, integers big-endian:
// kind u8 · serial: number of hex digits u8, digits packed (an odd number starts with a zero nibble) · notBefore u64 · notAfter u64 ·
// entryRevision u64 · tbsHash 32 bytes · spiffeId, requester, entryId: length u16, UTF-8

const kinds: readonly Intent["kind"][] = ["x509", "jwt"];
const numberFields = ["notBefore", "notAfter", "entryRevision"] as const;
const textFields = ["spiffeId", "requester", "entryId"] as const;
const fixedBytes = 1 + 1 + 3 * 8 + hashBytes + 3 * 2;

/** The one encoding of an intent; also the Merkle leaf of the issuance log. @throws {TypeError | RangeError} for a field outside its documented form */
export function encodeIntent(intent: Intent): Uint8Array {
  checkSerial(intent.serialNumber);
  if (intent.tbsHash.length !== hashBytes) throw new RangeError(`tbsHash must be ${String(hashBytes)} bytes`);
  const digits = intent.serialNumber.length;
  let size = fixedBytes + Math.ceil(digits / 2);
  for (const name of textFields) size += textLength(name, intent[name]);
  // Every octet is written below: there is no need to clear them first.
  const out = Buffer.allocUnsafe(size);
  let at = out.writeUInt8(kindCode(intent.kind), 0);
  at = out.writeUInt8(digits, at);
  at += out.write(digits % 2 === 0 ? intent.serialNumber : `0${intent.serialNumber}`, at, "hex");
  for (const name of numberFields) at = writeWholeNumber(out, at, wholeNumber(name, intent[name]));
  out.set(intent.tbsHash, at);
  at += hashBytes;
  for (const name of textFields) {
    const written = out.write(intent[name], at + 2, "utf8");
    out.writeUInt16BE(written, at);
    at += 2 + written;
  }
  return out;
}

/** Reads one intent and leaves the reader behind it. @throws {JournalError} BATCH_MALFORMED */
export function readIntent(reader: ByteReader): Intent {
  const kind = kinds[reader.u8() - 1];
  if (kind === undefined) throw new JournalError("BATCH_MALFORMED", "an intent is of unknown kind");
  const serialNumber = readSerial(reader);
  const [notBefore, notAfter, entryRevision] = [reader.u64(), reader.u64(), reader.u64()];
  const tbsHash = Uint8Array.from(reader.bytes(hashBytes));
  const spiffeId = reader.text(intentLimits.spiffeId);
  const requester = reader.text(intentLimits.requester);
  const entryId = reader.text(intentLimits.entryId);
  return { kind, serialNumber, spiffeId, notBefore, notAfter, tbsHash, requester, entryId, entryRevision };
}

function readSerial(reader: ByteReader): string {
  const digits = reader.u8();
  if (digits === 0 || digits > intentLimits.serialDigits) {
    throw new JournalError("BATCH_MALFORMED", `a serial number has ${String(digits)} digits`);
  }
  const hex = reader.bytes(Math.ceil(digits / 2)).toString("hex");
  if (digits % 2 === 0) return hex;
  if (!hex.startsWith("0"))
    throw new JournalError("BATCH_MALFORMED", "the spare half byte of a serial number is not zero");
  return hex.slice(1);
}

function checkSerial(serialNumber: string): void {
  if (!/^[0-9a-f]{1,64}$/.test(serialNumber)) throw new TypeError("serialNumber must be 1 to 64 lower-case hex digits");
}

function kindCode(kind: Intent["kind"]): number {
  const index = kinds.indexOf(kind);
  if (index === -1) throw new TypeError(`no such kind of intent: ${JSON.stringify(kind)}`);
  return index + 1;
}

function wholeNumber(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name} must be a whole number from 0 on`);
  return value;
}

/** As u64; a safe integer has at most 21 bits in the upper half. */
function writeWholeNumber(out: Buffer, at: number, value: number): number {
  out.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  return out.writeUInt32BE(value % 2 ** 32, at + 4);
}

function textLength(name: (typeof textFields)[number], text: string): number {
  if (!text.isWellFormed()) throw new TypeError(`${name} is not well-formed Unicode`);
  const length = Buffer.byteLength(text, "utf8");
  if (length > intentLimits[name]) throw new RangeError(`${name} is longer than ${String(intentLimits[name])} bytes`);
  return length;
}
