// SPDX-License-Identifier: Apache-2.0
import { JournalError } from "./errors.ts";
import { hashBytes } from "./merkle.ts";
import { fromBase64, fromDecimal, readText, toBase64 } from "./text-encoding.ts";

/** Proof that a log has an entry, as it is kept in a file; nothing about it is verified. C2SP tlog-proof. */
export interface Receipt {
  /** Of the entry in the log. */
  readonly index: number;
  /** Inclusion proof, from the leaf's sibling up; 32 bytes each. */
  readonly proof: readonly Uint8Array[];
  /** The signed note, verbatim. */
  readonly checkpoint: string;
  /** Ours carries the entry itself. */
  readonly extra?: Uint8Array | undefined;
}

const header = "c2sp.org/tlog-proof@v1";
const limit = { code: "RECEIPT_MALFORMED", what: "a receipt", maxBytes: 1_200_000 } as const;
/** A path in a tree of 2^53 leaves. */
const maxHashes = 53;

function refuse(message: string): JournalError {
  return new JournalError("RECEIPT_MALFORMED", message);
}

/** The receipt as text; file extension `.tlog-proof`. C2SP tlog-proof, Format. @throws {TypeError} for what it can't carry */
export function formatReceipt({ index, proof, checkpoint, extra }: Receipt): string {
  if (!Number.isSafeInteger(index) || index < 0) throw new TypeError("an index is a whole number from 0 on");
  if (proof.length > maxHashes || proof.some(({ length }) => length !== hashBytes)) {
    throw new TypeError("an inclusion proof is up to 53 hashes");
  }
  const lines = [header, ...(extra === undefined ? [] : [`extra ${toBase64(extra)}`]), `index ${String(index)}`];
  return [...lines, ...proof.map(toBase64), "", checkpoint].join("\n");
}

/** Reads a receipt, at most 1.2 MB. C2SP tlog-proof, Format. @throws {JournalError} RECEIPT_MALFORMED */
export function parseReceipt(receipt: string | Uint8Array): Receipt {
  const text = readText(receipt, limit);
  const end = text.indexOf("\n\n");
  if (end === -1) throw refuse("a receipt is a proof, an empty line and a checkpoint");
  const [first, ...lines] = text.slice(0, end).split("\n", maxHashes + 5);
  if (first !== header) throw refuse(`a receipt begins with ${header}`);
  const extra = lines[0]?.startsWith("extra ") === true ? fromBase64(lines.shift()?.slice(6) ?? "") : null;
  if (extra === undefined) throw refuse("the extra data is not base64");
  const [indexLine = "", ...hashLines] = lines;
  const index = indexLine.startsWith("index ") ? fromDecimal(indexLine.slice(6)) : undefined;
  if (index === undefined) throw refuse("there is no index");
  if (hashLines.length > maxHashes) throw refuse(`a proof has at most ${String(maxHashes)} hashes`);
  const found = { index, proof: hashLines.map(parseHash), checkpoint: text.slice(end + 2) };
  return extra === null ? found : { ...found, extra: Uint8Array.from(extra) };
}

function parseHash(line: string): Uint8Array {
  const hash = fromBase64(line);
  if (hash?.length !== hashBytes) throw refuse("a line of the proof is not a hash");
  return Uint8Array.from(hash);
}
