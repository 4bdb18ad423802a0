// SPDX-License-Identifier: Apache-2.0
import { type LogRecord, parseRecord } from "@mayfly/journal";
import type { ServerConnection } from "../../connection.ts";
import { CliFailure } from "../../failure.ts";

/** One record where it stands. */
export interface PlacedRecord {
  readonly index: number;
  /** The bytes in the log. */
  readonly entry: Uint8Array;
  readonly record: LogRecord;
}

/** A part of the record: `from` ≤ index < `to`; `to` 0 = up to the checkpoint. */
export interface RecordRange {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly task?: string | undefined;
}

/** Entries in order as the server gives them, none left out unless a task was named. @throws {CliFailure} BAD_ANSWER for a gap */
export async function* exportEntries(
  server: ServerConnection,
  { from = 0, to = 0, task = "" }: RecordRange = {},
): AsyncGenerator<Omit<PlacedRecord, "record">, void, undefined> {
  let next = from;
  const request = { from: String(from), to: String(to), task_id: task };
  for await (const page of server.stream("records", "ExportRecords", request)) {
    const first = Number(page.index);
    if (first < next || (task === "" && first !== next))
      throw new CliFailure("BAD_ANSWER", `the server left out records: ${String(next)} was due, it sent ${page.index}`);
    for (const [offset, entry] of page.records.entries()) yield { index: first + offset, entry };
    next = first + page.records.length;
  }
}

/** Records in order, each parsed. @throws {CliFailure} BAD_ANSWER @throws {JournalError} for what is no record */
export async function* exportRecords(
  server: ServerConnection,
  range: RecordRange = {},
): AsyncGenerator<PlacedRecord, void, undefined> {
  for await (const { index, entry } of exportEntries(server, range)) yield { index, entry, record: parseRecord(entry) };
}
