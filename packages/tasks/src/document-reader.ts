// SPDX-License-Identifier: Apache-2.0
import type { Problem } from "./errors.ts";

/** What a text has to be. `max` counts UTF-16 code units. */
export interface TextRule {
  readonly max: number;
  readonly pattern: RegExp;
  /** Completes "expected …". */
  readonly expected: string;
}

// A document that is wrong a thousand times is not reported a thousand times.
const maxProblems = 100;
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:\d\d)$/;

/** Takes a plain value (JSON, YAML) apart and collects all that is wrong with it. Every method gives undefined after reporting. */
export class DocumentReader {
  readonly #problems: Problem[] = [];

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  report(path: string, problem: string): undefined {
    if (this.#problems.length < maxProblems) this.#problems.push({ path, problem });
  }

  /** An object with no members but these; absent members are undefined, null is a value. */
  members<Name extends string>(
    value: unknown,
    path: string,
    names: { readonly required: readonly Name[]; readonly optional?: readonly Name[] },
  ): { readonly [name in Name]?: unknown } | undefined {
    const object = this.object(value, path);
    if (object === undefined) return undefined;
    const known = [...names.required, ...(names.optional ?? [])] as readonly string[];
    for (const name of Object.keys(object)) {
      if (!known.includes(name)) this.report(join(path, name.slice(0, 80)), "no such member");
    }
    for (const name of names.required) if (!Object.hasOwn(object, name)) this.report(join(path, name), "is missing");
    return Object.fromEntries(
      known.filter((name) => Object.hasOwn(object, name)).map((name) => [name, object[name]]),
    ) as {
      readonly [name in Name]?: unknown;
    };
  }

  object(value: unknown, path: string): Readonly<Record<string, unknown>> | undefined {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    return this.report(path, "expected an object");
  }

  text(value: unknown, path: string, rule: TextRule): string | undefined {
    if (typeof value === "string" && value.length <= rule.max && value.isWellFormed() && rule.pattern.test(value)) {
      return value;
    }
    return this.report(path, `expected ${rule.expected}, at most ${String(rule.max)} characters`);
  }

  choice<Choice extends string>(value: unknown, path: string, choices: readonly Choice[]): Choice | undefined {
    return choices.find((choice) => choice === value) ?? this.report(path, `expected one of ${choices.join(", ")}`);
  }

  integer(
    value: unknown,
    path: string,
    { min, max }: { readonly min: number; readonly max: number },
  ): number | undefined {
    if (Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max) return Number(value);
    return this.report(path, `expected a whole number from ${String(min)} to ${String(max)}`);
  }

  instant(value: unknown, path: string): Date | undefined {
    const at = typeof value === "string" && rfc3339.test(value) ? new Date(value) : undefined;
    if (at !== undefined && !Number.isNaN(at.getTime())) return at;
    return this.report(path, "expected an instant as of RFC 3339, to the millisecond at most");
  }

  /** A list of `min` to `max` items, none twice by `keyOf`. Items that are refused are left out. */
  list<Item>(
    value: unknown,
    path: string,
    rule: { readonly min: number; readonly max: number; readonly keyOf: (item: Item) => string },
    item: (value: unknown, path: string) => Item | undefined,
  ): readonly Item[] | undefined {
    if (!Array.isArray(value) || value.length < rule.min || value.length > rule.max) {
      return this.report(path, `expected a list of ${String(rule.min)} to ${String(rule.max)} items`);
    }
    const items = new Map<string, Item>();
    for (const [index, each] of value.entries()) {
      const at = `${path}[${String(index)}]`;
      const read = item(each, at);
      if (read === undefined) continue;
      if (items.has(rule.keyOf(read))) this.report(at, "is there twice");
      items.set(rule.keyOf(read), read);
    }
    return [...items.values()];
  }
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
