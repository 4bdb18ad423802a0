// SPDX-License-Identifier: Apache-2.0

/** Where in the configuration a value stands, and where what is wrong with it is gathered. */
interface Place {
  readonly keys: readonly string[];
  readonly report: (keys: readonly string[], problem: string) => void;
}

/** Reads one value; undefined when it was left out, or when it is wrong and reported. What stands there is never repeated. */
export type Field<T> = (value: unknown, place: Place) => T | undefined;

function wrong({ keys, report }: Place, problem: string): undefined {
  report(keys, problem);
}

function at(place: Place, key: string): Place {
  return { ...place, keys: [...place.keys, key] };
}

/** Text that `read` makes a value of; undefined is reported as not `expected`. */
export function text<T>(read: (value: string) => T | undefined, expected: string): Field<T> {
  return (value, place) => {
    if (value === undefined) return undefined;
    const found = typeof value === "string" ? read(value) : undefined;
    return found ?? wrong(place, `expected ${expected}`);
  };
}

/** One of some words. */
export function oneOf<const T extends string>(...words: readonly T[]): Field<T> {
  return text((value) => words.find((word) => word === value), `one of ${words.join(", ")}`);
}

/** Yes or no. */
export const flag: Field<boolean> = (value, place) => {
  if (value === undefined || typeof value === "boolean") return value;
  return wrong(place, "expected true or false");
};

/** A whole number within bounds. */
export function integer(min: number, max: number): Field<number> {
  return (value, place) => {
    if (value === undefined) return undefined;
    const isRight = typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max;
    return isRight ? value : wrong(place, `expected a whole number from ${String(min)} to ${String(max)}`);
  };
}

/** A list of at most `most`. */
export function list<T>(item: Field<T>, most: number): Field<readonly T[]> {
  return (value, place) => {
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || value.length > most) return wrong(place, `expected a list of at most ${String(most)}`);
    return value.flatMap((each: unknown, index) => {
      const where = at(place, String(index));
      const read = each === undefined || each === null ? wrong(where, "expected a value") : item(each, where);
      return read === undefined ? [] : [read];
    });
  };
}

/** A mapping of names to values. */
export function named<T>(key: RegExp, item: Field<T>, most: number): Field<ReadonlyMap<string, T>> {
  return (value, place) => {
    if (value === undefined) return undefined;
    const entries = entriesOf(value, place);
    if (entries === undefined) return undefined;
    if (entries.length > most) return wrong(place, `expected at most ${String(most)}`);
    const found = new Map<string, T>();
    for (const [name, each] of entries) {
      const where = at(place, name);
      if (!key.test(name)) wrong(where, "expected another name");
      const read = item(each ?? {}, where);
      if (read !== undefined) found.set(name, read);
    }
    return found;
  };
}

/** A mapping with these keys and no others; those in `needed` have to be there. */
export function mapping<T extends object>(
  fields: { readonly [K in keyof T]: Field<T[K]> },
  needed: readonly (keyof T & string)[] = [],
): Field<Partial<T>> {
  return (value, place) => {
    if (value === undefined) return undefined;
    const entries = entriesOf(value, place);
    if (entries === undefined) return undefined;
    const readers = new Map<string, Field<unknown>>(Object.entries(fields));
    for (const key of needed) if (!Object.hasOwn(value as object, key)) wrong(at(place, key), "is needed");
    const found = entries.map(([key, each]): [string, unknown] => {
      const reader = readers.get(key);
      return [key, reader === undefined ? wrong(at(place, key), "unknown key") : reader(each, at(place, key))];
    });
    return Object.fromEntries(found.filter(([, each]) => each !== undefined)) as Partial<T>;
  };
}

function entriesOf(value: unknown, place: Place): [string, unknown][] | undefined {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return Object.entries(value);
  return wrong(place, "expected a mapping of keys to values");
}
