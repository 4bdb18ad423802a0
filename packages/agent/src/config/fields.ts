// SPDX-License-Identifier: Apache-2.0

/** Where in the configuration a value stands, and where what is wrong with it is gathered. */
export interface Place {
  readonly keys: readonly string[];
  readonly report: (keys: readonly string[], problem: string) => void;
}

/** Reads one value; undefined when it was left out, or when it is wrong and reported. */
export type Field<T> = (value: unknown, place: Place) => T | undefined;

function wrong({ keys, report }: Place, problem: string): undefined {
  report(keys, problem);
}

/** Text that `read` makes a value of; `expected` says what it should have been. */
export function text<T>(read: (value: string) => T | undefined, expected: string): Field<T> {
  return (value, place) => {
    if (value === undefined) return undefined;
    const found = typeof value === "string" ? read(value) : undefined;
    // What stands there is not repeated: it may be a secret in the wrong place.
    return found ?? wrong(place, `expected ${expected}`);
  };
}

/** Text that passes a check. */
export function checked(isRight: (value: string) => boolean, expected: string): Field<string> {
  return text((value) => (isRight(value) ? value : undefined), expected);
}

/** One of some words. */
export function oneOf<const T extends string>(...words: readonly T[]): Field<T> {
  return text((value) => words.find((word) => word === value), `one of ${words.join(", ")}`);
}

/** true or false. */
export const flag: Field<boolean> = (value, place) => {
  if (value === undefined || typeof value === "boolean") return value;
  return wrong(place, "expected true or false");
};

/** One value or a list of 1 to `most`. */
export function oneOrMore<T>(item: Field<T>, most: number): Field<readonly T[]> {
  return (value, place) => {
    if (value === undefined) return undefined;
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (items.length === 0 || items.length > most) return wrong(place, `expected 1 to ${most}, got ${items.length}`);
    return items.flatMap((each, index) => {
      const at = Array.isArray(value) ? { ...place, keys: [...place.keys, String(index)] } : place;
      // A list has no holes: what is left out of it is wrong.
      const read = each === undefined ? wrong(at, "expected a value") : item(each, at);
      return read === undefined ? [] : [read];
    });
  };
}

/** A mapping with these keys, each of which may be left out, and no others. */
export function mapping<T extends object>(fields: { readonly [K in keyof T]: Field<T[K]> }): Field<Partial<T>> {
  return (value, place) => {
    if (value === undefined) return undefined;
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return wrong(place, "expected a mapping of keys to values");
    const readers = new Map<string, Field<unknown>>(Object.entries(fields));
    const found: [string, unknown][] = [];
    for (const [key, each] of Object.entries(value)) {
      const at = { ...place, keys: [...place.keys, key] };
      const reader = readers.get(key);
      if (reader === undefined) wrong(at, "unknown key");
      else found.push([key, reader(each, at)]);
    }
    return Object.fromEntries(found.filter(([, each]) => each !== undefined)) as Partial<T>;
  };
}
