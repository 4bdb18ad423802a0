// SPDX-License-Identifier: Apache-2.0
import type { Problem } from "@mayfly/tasks";

type Members = Readonly<Record<string, unknown>>;

/** Reads a test document and collects all that is wrong with it. */
export class TestReader {
  readonly problems: Problem[] = [];

  /** An object with these members at most; `{}` when it is none. */
  object(value: unknown, path: string, known?: readonly string[]): Members {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.#report(path, "expected an object");
      return {};
    }
    const unknown = Object.keys(value).filter((name) => known !== undefined && !known.includes(name));
    for (const name of unknown) this.#report(`${path}.${name.slice(0, 80)}`, "no such member");
    return value as Members;
  }

  text(value: unknown, path: string): string {
    if (typeof value === "string" && value !== "" && value.length <= 1024) return value;
    this.#report(path, "expected a text");
    return "";
  }

  texts(value: unknown, path: string): readonly string[] {
    if (!Array.isArray(value)) {
      this.#report(path, "expected a list");
      return [];
    }
    return value.map((each, index) => this.text(each, `${path}[${String(index)}]`));
  }

  count(value: unknown, path: string): number {
    if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value);
    this.#report(path, "expected a whole number");
    return 0;
  }

  flag(value: unknown, path: string): boolean {
    if (typeof value !== "boolean") this.#report(path, "expected true or false");
    return value === true;
  }

  choice<Choice extends string>(value: unknown, path: string, choices: readonly [Choice, ...Choice[]]): Choice {
    const found = choices.find((each) => each === value);
    if (found === undefined) this.#report(path, `expected one of ${choices.join(", ")}`);
    return found ?? choices[0];
  }

  /** A YAML instant or its text. */
  instant(value: unknown, path: string): Date {
    const at = value instanceof Date ? value : new Date(typeof value === "string" ? value : Number.NaN);
    if (Number.isNaN(at.getTime())) this.#report(path, "expected an instant");
    return at;
  }

  #report(path: string, problem: string): void {
    if (this.problems.length < 100) this.problems.push({ path, problem });
  }
}
