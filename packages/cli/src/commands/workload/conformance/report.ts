// SPDX-License-Identifier: Apache-2.0
import { type OutputFormat, printJson, printLine, printTable } from "../../../output.ts";
import type { JudgedRow, Verdict } from "./row.ts";

const verdicts: readonly Verdict[] = ["pass", "fail", "warn", "not seen"];

function jsonName(verdict: Verdict): string {
  return verdict.replace(" ", "_");
}

function count(rows: readonly JudgedRow[], verdict: Verdict): number {
  return rows.filter((row) => row.verdict === verdict).length;
}

/** The table, or one JSON document with the same. */
export function printReport(place: string, rows: readonly JudgedRow[], format: OutputFormat): void {
  if (format === "json") {
    printJson({
      endpoint: place,
      counts: Object.fromEntries(verdicts.map((verdict) => [jsonName(verdict), count(rows, verdict)])),
      rows: rows.map((row) => ({ ...row, verdict: jsonName(row.verdict) })),
    });
    return;
  }
  printTable(
    ["ID", "LEVEL", "VERDICT", "TITLE", "WHY"],
    rows.map(({ id, level, verdict, title, detail }) => [id, level, verdict, title, detail]),
  );
  printLine(verdicts.map((verdict) => `${count(rows, verdict)} ${verdict}`).join(", "));
}
