// SPDX-License-Identifier: Apache-2.0
import { printable } from "./failure.ts";
import { emphasis, type Emphasis } from "./terminal.ts";

/** How a command prints its result. */
export type OutputFormat = "text" | "json";

/** One JSON document on stdout; field names in snake_case. */
export function printJson(value: unknown): void {
  process.stdout.write(
    `${JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? item.toString() : item))}\n`,
  );
}

/** Part of a line, with or without emphasis. */
export type Segment = string | readonly [text: string, how: Emphasis];

/** One line of text on stdout; control bytes in it become visible. */
export function printLine(...segments: readonly Segment[]): void {
  const parts = segments.map((segment) =>
    typeof segment === "string" ? printable(segment) : emphasis(printable(segment[0]), segment[1]),
  );
  process.stdout.write(`${parts.join("")}\n`);
}

/** Text as it is: PEM, tokens, scripts. */
export function printRaw(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

/** Aligned columns under a header; nothing but the header when there are no rows. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const cells = [header, ...rows].map((row) => row.map(printable));
  const widths = header.map((_title, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  for (const [index, row] of cells.entries()) {
    const line = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
    process.stdout.write(`${index === 0 ? emphasis(line.trimEnd(), "bold") : line.trimEnd()}\n`);
  }
}

/** Labelled values, one a line, aligned; empty values are left out. */
export function printRecord(fields: readonly (readonly [label: string, value: string])[]): void {
  const shown = fields.filter(([, value]) => value !== "");
  const width = Math.max(0, ...shown.map(([label]) => label.length));
  for (const [label, value] of shown) printLine([label.padEnd(width), "dim"], `  ${value}`);
}

/** RFC 3339 in UTC, seconds; undefined for 0, which stands for "never" or "not set". */
export function timestamp(unixSeconds: number | string): string | undefined {
  const seconds = Number(unixSeconds);
  return seconds === 0 ? undefined : new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

const units: readonly (readonly [name: string, seconds: number])[] = [
  ["d", 86_400],
  ["h", 3_600],
  ["m", 60],
  ["s", 1],
];

/** Two largest units: `4m 10s`. */
export function span(seconds: number): string {
  let rest = Math.max(0, Math.round(seconds));
  const parts: string[] = [];
  for (const [name, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${name}`);
    if (parts.length === 2) break;
  }
  return parts.length === 0 ? "0s" : parts.join(" ");
}

/** `in 4m 10s`, `10s ago`, or `never` for 0. */
export function relative(unixSeconds: number | string, now: Date = new Date()): string {
  const seconds = Number(unixSeconds);
  if (seconds === 0) return "never";
  const distance = seconds - now.getTime() / 1000;
  return distance >= 0 ? `in ${span(distance)}` : `${span(-distance)} ago`;
}
