// SPDX-License-Identifier: Apache-2.0
import { JournalError } from "./errors.ts";

/** What canonical JSON carries. Numbers are IEEE 754 doubles. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

const defaultMaxBytes = 1_048_576;
const maxDepth = 32;

function refuse(message: string): JournalError {
  return new JournalError("JSON_UNREPRESENTABLE", message);
}

/**
 * The one text of a JSON value: members sorted by UTF-16 code units, no space, numbers as ECMAScript writes them. RFC 8785. At most 32
 * levels deep and `maxBytes` of UTF-8 (default 1 MiB).
 * @throws {JournalError} JSON_UNREPRESENTABLE for NaN, infinities, lone surrogates, cycles, anything that is no JSON, over a limit
 */
export function canonicalJson(value: unknown, options: { readonly maxBytes?: number | undefined } = {}): string {
  const { maxBytes = defaultMaxBytes } = options;
  const budget = { left: maxBytes };
  const text = write(value, 0, budget);
  if (Buffer.byteLength(text) > maxBytes) throw refuse(`the value has more than ${String(maxBytes)} bytes`);
  return text;
}

function write(value: unknown, depth: number, budget: { left: number }): string {
  if (depth > maxDepth) throw refuse(`the value has more than ${String(maxDepth)} levels`);
  if (value !== null && typeof value === "object") {
    spend(budget, 2);
    const parts = Array.isArray(value)
      ? Array.from(value, (item: unknown) => write(item, depth + 1, budget))
      : Object.keys(plain(value))
          .sort()
          .map((name) => `${scalar(name, budget)}:${write(plain(value)[name], depth + 1, budget)}`);
    return Array.isArray(value) ? `[${parts.join(",")}]` : `{${parts.join(",")}}`;
  }
  return scalar(value, budget);
}

function scalar(value: unknown, budget: { left: number }): string {
  const isText = typeof value === "string" && value.isWellFormed();
  if (!isText && value !== null && typeof value !== "boolean" && !Number.isFinite(value)) {
    throw refuse(`a ${typeof value} that JSON can't carry`);
  }
  // RFC 8785 §3.2.2 takes both forms from ECMAScript's JSON.stringify.
  const text = JSON.stringify(value);
  spend(budget, text.length);
  return text;
}

/** A huge value ends here, not when its text is whole. */
function spend(budget: { left: number }, characters: number): void {
  budget.left -= characters;
  if (budget.left < 0) throw refuse("the value is too large");
}

function plain(value: object): Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw refuse("an object that is not plain");
  return value as Readonly<Record<string, unknown>>;
}
