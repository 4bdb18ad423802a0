// SPDX-License-Identifier: Apache-2.0
import type { DocumentReader, TextRule } from "../document-reader.ts";
import { isCanonicalResource, isUnambiguous, maxResourceLength } from "./resource.ts";
import type { ArgumentLimit, ResourceLimit, Scalar } from "./scope.ts";

const maxMembers = 256;
const maxArguments = 32;
const anyText: TextRule = { max: maxResourceLength, pattern: /^/, expected: "text" };
const argumentPath = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){0,7}$/;
const maxArgumentPath = 128;

/** Which members make which kind of limit. */
const kinds: readonly (readonly string[])[] = [
  ["equals"],
  ["oneOf"],
  ["prefix"],
  ["min", "max", "integer"],
  ["maxLength"],
  ["absent"],
];

/** `{ prefix }` or `{ set }`. */
export function readResourceLimit(reader: DocumentReader, value: unknown, path: string): ResourceLimit | undefined {
  const object = reader.members(value, path, { required: [], optional: ["prefix", "set"] });
  if (object === undefined) return undefined;
  if ((object.prefix === undefined) === (object.set === undefined))
    return reader.report(path, "expected prefix or set");
  if (object.prefix !== undefined) {
    const prefix = readResource(reader, object.prefix, `${path}.prefix`);
    return prefix === undefined ? undefined : { prefix };
  }
  const rule = { min: 1, max: maxMembers, keyOf: (name: string) => name };
  const set = reader.list(object.set, `${path}.set`, rule, (name, at) => readResource(reader, name, at));
  return set === undefined ? undefined : { set };
}

/** An object of limits by argument path, at most 32. */
export function readArgumentLimits(
  reader: DocumentReader,
  value: unknown,
  path: string,
): Readonly<Record<string, ArgumentLimit>> | undefined {
  const object = reader.object(value, path);
  if (object === undefined) return undefined;
  const entries = Object.entries(object);
  if (entries.length > maxArguments) return reader.report(path, `expected at most ${String(maxArguments)} arguments`);
  return Object.fromEntries(
    entries.flatMap(([name, each]) => {
      if (name.length > maxArgumentPath || !argumentPath.test(name)) {
        return reader.report(path, "expected names of arguments, with dots between members") ?? [];
      }
      const limit = readArgumentLimit(reader, each, `${path}.${name}`);
      return limit === undefined ? [] : [[name, limit]];
    }),
  );
}

function readArgumentLimit(reader: DocumentReader, value: unknown, path: string): ArgumentLimit | undefined {
  const object = reader.members(value, path, { required: [], optional: kinds.flat() });
  if (object === undefined) return undefined;
  const names = Object.keys(object);
  const kind = kinds.find((each) => each.includes(names[0] ?? ""));
  if (kind === undefined || !names.every((name) => kind.includes(name))) {
    return reader.report(path, "expected one of equals, oneOf, prefix, min and max, maxLength, absent");
  }
  const [own] = kind;
  if (own === "equals") return only("equals", readScalar(reader, object["equals"], `${path}.equals`));
  if (own === "oneOf") return readOneOf(reader, object["oneOf"], `${path}.oneOf`);
  if (own === "prefix") return readPrefix(reader, object["prefix"], `${path}.prefix`);
  if (own === "min") return readRange(reader, object, path);
  if (own === "maxLength") {
    const maxLength = reader.integer(object["maxLength"], `${path}.maxLength`, { min: 0, max: 1_000_000 });
    return maxLength === undefined ? undefined : { maxLength };
  }
  return object["absent"] === true ? { absent: true } : reader.report(`${path}.absent`, "expected true");
}

function only(name: "equals", value: Scalar | undefined): ArgumentLimit | undefined {
  return value === undefined ? undefined : { [name]: value };
}

function readOneOf(reader: DocumentReader, value: unknown, path: string): ArgumentLimit | undefined {
  const rule = { min: 1, max: maxMembers, keyOf: (each: Scalar) => JSON.stringify(each) };
  const oneOf = reader.list(value, path, rule, (each, at) => readScalar(reader, each, at));
  return oneOf === undefined ? undefined : { oneOf };
}

function readPrefix(reader: DocumentReader, value: unknown, path: string): ArgumentLimit | undefined {
  const prefix = reader.text(value, path, anyText);
  if (prefix === undefined) return undefined;
  return isUnambiguous(prefix)
    ? { prefix }
    : reader.report(path, "expected no //, . or .. segment, backslash, % or control");
}

function readRange(
  reader: DocumentReader,
  object: Readonly<Record<string, unknown>>,
  path: string,
): ArgumentLimit | undefined {
  const range: { min?: number; max?: number; integer?: true } = {};
  for (const end of ["min", "max"] as const) {
    if (object[end] === undefined) continue;
    if (typeof object[end] === "number" && Number.isFinite(object[end])) range[end] = object[end];
    else reader.report(`${path}.${end}`, "expected a number");
  }
  if (object["integer"] === true) range.integer = true;
  else if (object["integer"] !== undefined) reader.report(`${path}.integer`, "expected true");
  if ((range.min ?? -Infinity) > (range.max ?? Infinity)) reader.report(path, "expected min at most max");
  if (range.min === undefined && range.max === undefined) return reader.report(path, "expected min, max or both");
  return range;
}

function readScalar(reader: DocumentReader, value: unknown, path: string): Scalar | undefined {
  if (typeof value === "string") return reader.text(value, path, anyText);
  if (value === null || typeof value === "boolean") return value;
  // -0 and 0 are equal to === and one text in JSON.
  if (typeof value === "number" && Number.isFinite(value)) return value === 0 ? 0 : value;
  return reader.report(path, "expected text, a number, true, false or null");
}

function readResource(reader: DocumentReader, value: unknown, path: string): string | undefined {
  const name = reader.text(value, path, anyText);
  if (name === undefined || isCanonicalResource(name)) return name;
  return reader.report(
    path,
    "expected a canonical resource: no empty, . or .. segment, slash at the end, backslash, % or control",
  );
}
