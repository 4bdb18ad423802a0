// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "./suite.ts";

const docs = fileURLToPath(new URL("../../docs/conformance/", import.meta.url));

/** From bad to good: what a row comes to over several runs is the first of these that it came to in one. */
const verdicts = ["fail", "warn", "pass", "not_seen"] as const;

/** A row of `mayfly workload conformance --output json`. */
export interface JudgedRow {
  readonly id: string;
  readonly level: "MUST" | "SHOULD" | "MAY";
  readonly title: string;
  readonly verdict: (typeof verdicts)[number];
  readonly detail: string;
}

/** The worst that was seen of each row; the reason is that of the last run that saw it so. */
export function mergeRuns(runs: readonly (readonly JudgedRow[])[]): JudgedRow[] {
  const rank = (row: JudgedRow): number => verdicts.indexOf(row.verdict);
  const worse = (one: JudgedRow, other: JudgedRow): JudgedRow => (rank(other) <= rank(one) ? other : one);
  const [first = [], ...others] = runs;
  return others.reduce<readonly JudgedRow[]>(
    (rows, run) => rows.map((row, index) => worse(row, run[index] ?? row)),
    first,
  ) as JudgedRow[];
}

function tableOf(who: string, rows: readonly JudgedRow[]): string {
  const counts = verdicts.map((verdict) => {
    const found = rows.filter((row) => row.verdict === verdict).length;
    return `${found} ${verdict.replace("_", " ")}`;
  });
  const lines = rows.map(({ id, level, verdict, title, detail }) => {
    const cells = [id, level, verdict.replace("_", " "), title, detail];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`.replace(/ {2}\|$/, " |");
  });
  return `# Workload API conformance: ${who}

What \`mayfly workload conformance\` says of ${who}, called by a process without identity and then by one with two, while their SVIDs are
renewed and keys are made. Written by \`MAYFLY_UPDATE=1 node test/interop/main.ts conformance\`; without MAYFLY_UPDATE the suite fails
when a verdict is another. \`warn\` is a SHOULD or MAY that is not met; \`not seen\` says what would be needed.

${counts.join(", ")}.

| id | level | verdict | what | why |
| --- | --- | --- | --- | --- |
${lines.join("\n")}
`;
}

/** Fails when the published table is not the one just made; with MAYFLY_UPDATE it becomes it. */
export function publishTable(file: string, who: string, rows: readonly JudgedRow[]): void {
  const path = join(docs, file);
  const text = tableOf(who, rows);
  if (process.env["MAYFLY_UPDATE"] !== undefined) {
    mkdirSync(docs, { recursive: true });
    writeFileSync(path, text);
    return;
  }
  const published = existsSync(path) ? readFileSync(path, "utf8") : "";
  if (published === text) return;
  const [old, made] = [published.split("\n"), text.split("\n")];
  const gone = old.filter((line) => !made.includes(line)).map((line) => `- ${line}`);
  const added = made.filter((line) => !old.includes(line)).map((line) => `+ ${line}`);
  expect(false, `docs/conformance/${file} says otherwise:\n${[...gone, ...added].join("\n")}`);
}
