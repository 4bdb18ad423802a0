// SPDX-License-Identifier: Apache-2.0

/** Reads the keys of one mapping; what is wrong is gathered and what stands there is never repeated. */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #path: readonly string[];
  readonly #report: (keys: readonly string[], problem: string) => void;

  constructor(
    values: unknown,
    path: readonly string[],
    known: readonly string[],
    report: (keys: readonly string[], problem: string) => void,
  ) {
    const isMapping = typeof values === "object" && values !== null && !Array.isArray(values);
    this.#values = isMapping ? (values as Record<string, unknown>) : {};
    this.#path = path;
    this.#report = report;
    if (!isMapping) report(path, "expected a mapping of keys to values");
    for (const key of Object.keys(this.#values)) if (!known.includes(key)) report([...path, key], "unknown key");
  }

  /** Text that `read` makes a value of. */
  text<T>(key: string, expected: string, read: (text: string) => T | undefined): T | undefined {
    const value = this.#own(key);
    if (value === undefined) return undefined;
    const found = typeof value === "string" ? read(value) : undefined;
    return found ?? this.#wrong(key, `expected ${expected}`);
  }

  integer(key: string, min: number, max: number): number | undefined {
    const value = this.#own(key);
    if (value === undefined) return undefined;
    const isRight = typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max;
    return isRight ? value : this.#wrong(key, `expected a whole number from ${String(min)} to ${String(max)}`);
  }

  /** A list of at most `most` texts; an empty one is refused. */
  texts<T>(key: string, most: number, expected: string, read: (text: string) => T | undefined): T[] | undefined {
    const value = this.#own(key);
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || value.length === 0 || value.length > most) {
      return this.#wrong(key, `expected a list of 1 to ${String(most)}`);
    }
    const found = value.map((each: unknown) => (typeof each === "string" ? read(each) : undefined));
    const right = found.filter((each) => each !== undefined);
    return right.length === found.length ? right : this.#wrong(key, `expected a list, each ${expected}`);
  }

  needed<T>(key: string, value: T | undefined): T | undefined {
    return this.#own(key) === undefined ? this.#wrong(key, "is needed") : value;
  }

  /** The value as it stands. */
  raw(key: string): unknown {
    return this.#own(key);
  }

  #own(key: string): unknown {
    return Object.hasOwn(this.#values, key) ? this.#values[key] : undefined;
  }

  #wrong(key: string, problem: string): undefined {
    this.#report([...this.#path, key], problem);
  }
}
