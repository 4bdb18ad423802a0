// SPDX-License-Identifier: Apache-2.0
import { ByteReader } from "./byte-reader.ts";
import { JournalError } from "./errors.ts";
import type { Intent } from "./intent.ts";
import { encodeIntent, readIntent } from "./intent-codec.ts";
import { leafHash } from "./merkle.ts";

// A batch: "MFIB" · version u8 (1) · count u32 · the intents. Bytes and content correspond one to one.

const magic = Buffer.from("MFIB");
const version = 1;
const headerBytes = magic.length + 1 + 4;

/** Most intents in one batch. */
const maxBatchIntents = 65_536;
/** Largest batch that is written or read, bytes. */
export const maxBatchBytes = 33_554_432;

/**
 * The one encoding of a batch of intents, in their order: what an authority's issuance log stores as one row.
 * @throws {TypeError | RangeError} for a field outside its documented form, an empty batch, or one over the limits
 */
export function encodeIntentBatch(intents: readonly Intent[]): Uint8Array {
  if (intents.length === 0 || intents.length > maxBatchIntents) {
    throw new RangeError(`a batch has 1 to ${String(maxBatchIntents)} intents, not ${String(intents.length)}`);
  }
  const header = Buffer.alloc(headerBytes);
  magic.copy(header);
  header.writeUInt8(version, magic.length);
  header.writeUInt32BE(intents.length, magic.length + 1);
  const batch = Buffer.concat([header, ...intents.map(encodeIntent)]);
  if (batch.length > maxBatchBytes) throw new RangeError(`a batch of ${String(batch.length)} bytes is too large`);
  return batch;
}

/** Reads what `encodeIntentBatch` wrote. @throws {JournalError} BATCH_TOO_LARGE, BATCH_VERSION, BATCH_MALFORMED */
export function decodeIntentBatch(bytes: Uint8Array): Intent[] {
  if (bytes.length > maxBatchBytes) {
    throw new JournalError("BATCH_TOO_LARGE", `a batch of ${String(bytes.length)} bytes is too large`);
  }
  const reader = new ByteReader(bytes);
  const count = readHeader(reader);
  const intents = Array.from({ length: count }, () => readIntent(reader));
  if (reader.left > 0) throw new JournalError("BATCH_MALFORMED", `${String(reader.left)} bytes after the last intent`);
  return intents;
}

/** RFC 6962 leaf hashes of a batch's intents, in order: the leaf's data is the intent's encoding. @throws as `encodeIntentBatch` */
export function intentLeafHashes(intents: readonly Intent[]): Uint8Array[] {
  return intents.map((intent) => leafHash(encodeIntent(intent)));
}

function readHeader(reader: ByteReader): number {
  if (reader.left < headerBytes || !reader.bytes(magic.length).equals(magic)) {
    throw new JournalError("BATCH_VERSION", "not a batch of intents");
  }
  const found = reader.u8();
  if (found !== version) throw new JournalError("BATCH_VERSION", `batch format ${String(found)} is not known`);
  const count = reader.u32();
  if (count > maxBatchIntents)
    throw new JournalError("BATCH_TOO_LARGE", `a batch of ${String(count)} intents is too large`);
  if (count === 0) throw new JournalError("BATCH_MALFORMED", "an empty batch");
  return count;
}
