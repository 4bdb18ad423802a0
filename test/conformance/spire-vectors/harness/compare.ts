// SPDX-License-Identifier: Apache-2.0
import { checkPlaceholder } from "./placeholders.ts";
import type { Json } from "./scenario.ts";

interface Rules {
  readonly unordered: readonly string[];
  readonly any: readonly string[];
}

function matches(patterns: readonly string[], path: string): boolean {
  const parts = path.split("/");
  return patterns.some((pattern) => {
    const wanted = pattern.split("/");
    return wanted.length === parts.length && wanted.every((part, index) => part === "*" || part === parts[index]);
  });
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function sortKey(value: Json): string {
  if (isObject(value)) return textOf(value["id"] ?? value["name"] ?? value);
  return JSON.stringify(value);
}

function sorted(list: readonly Json[]): Json[] {
  return list.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : Number(sortKey(a) > sortKey(b))));
}

function compareAny(expected: Json, actual: Json | undefined, path: string): string[] {
  const count = typeof expected === "string" ? /^<list:(\d+)>$/.exec(expected)?.[1] : undefined;
  if (count === undefined) return [];
  const length = Array.isArray(actual) ? actual.length : 0;
  return length === Number(count) ? [] : [`${path}: ${String(length)} items instead of ${count}`];
}

function compareLists(expected: readonly Json[], actual: readonly Json[], path: string, rules: Rules): string[] {
  if (expected.length !== actual.length) {
    return [
      `${path}: ${String(actual.length)} items instead of ${String(expected.length)}: ${JSON.stringify(actual).slice(0, 400)}`,
    ];
  }
  const loose = matches(rules.unordered, path);
  const [wanted, found] = loose ? [sorted(expected), sorted(actual)] : [expected, actual];
  return wanted.flatMap((item, index) => compareJson(item, found[index], `${path}/${String(index)}`, rules));
}

/** Every difference between the recorded and the seen answer, one line each. */
export function compareJson(expected: Json, actual: Json | undefined, path: string, rules: Rules): string[] {
  if (matches(rules.any, path)) return compareAny(expected, actual, path);
  if (Array.isArray(expected) && Array.isArray(actual)) return compareLists(expected, actual, path, rules);
  if (isObject(expected) && isObject(actual)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return [...keys].flatMap((key) => {
      const want = expected[key];
      const inner = `${path}/${key}`;
      if (want === undefined) return [`${inner}: not expected: ${JSON.stringify(actual[key]).slice(0, 200)}`];
      return compareJson(want, actual[key], inner, rules);
    });
  }
  if (typeof expected === "string" && actual !== undefined && !isObject(actual) && !Array.isArray(actual)) {
    const problem = checkPlaceholder(expected, textOf(actual));
    if (problem !== undefined) return problem === "" ? [] : [`${path}: ${problem}`];
    if (/<any>/.test(expected) && messageFits(expected, textOf(actual))) return [];
    const counted = compareAny(expected, actual, path);
    if (counted.length > 0) return counted;
  }
  if (expected === actual || (actual !== undefined && textOf(expected) === textOf(actual))) return [];
  return [
    `${path}: ${JSON.stringify(actual)?.slice(0, 400) ?? "absent"} instead of ${JSON.stringify(expected).slice(0, 400)}`,
  ];
}

/** Status messages: `<any>` stands for text of Go's parsers, `<uuid>` for an id. */
export function messageFits(expected: string, actual: string): boolean {
  if (expected === "<transport error>") return true;
  const pattern = expected
    .split(/(<any>|<uuid>)/)
    .map((part) => {
      if (part === "<any>") return "[^]*";
      return part === "<uuid>" ? "[0-9a-f-]{36}" : part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
    })
    .join("");
  return new RegExp(`^${pattern}$`).test(actual);
}
