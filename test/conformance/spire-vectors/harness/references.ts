// SPDX-License-Identifier: Apache-2.0
import type { Json } from "./scenario.ts";

/** Follows a JSON pointer; `*` is not understood here. */
function atPointer(value: Json | undefined, pointer: string): Json | undefined {
  let current = value;
  for (const part of pointer.split("/").slice(1)) {
    if (current === null || typeof current !== "object") return undefined;
    current = (current as Record<string, Json>)[part.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return current;
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Values that later cases refer to. */
export class References {
  readonly #fixtures: Readonly<Record<string, string>>;
  readonly #answers = new Map<string, Json>();

  constructor(fixtures: Readonly<Record<string, string>> = {}) {
    this.#fixtures = fixtures;
  }

  remember(caseId: string, answer: Json): void {
    this.#answers.set(caseId, answer);
  }

  #lookUp(reference: string): Json {
    if (reference.startsWith("fixture.")) {
      const value = this.#fixtures[reference.slice("fixture.".length)];
      if (value === undefined) throw new Error(`no fixture ${reference}`);
      return this.resolve(value);
    }
    if (reference === "env.uid") return process.getuid?.() ?? 0;
    if (reference === "env.pid") return process.pid;
    const hash = reference.indexOf("#");
    const value = atPointer(this.#answers.get(reference.slice(0, hash)), reference.slice(hash + 1));
    if (value === undefined) throw new Error(`nothing at \${${reference}}`);
    return value;
  }

  /** Replaces every reference inside `value`; a string that is one reference becomes the value itself. */
  resolve(value: Json): Json {
    if (typeof value === "string") {
      const whole = /^\$\{([^}]+)\}$/.exec(value)?.[1];
      if (whole !== undefined) return this.#lookUp(whole);
      return value.replaceAll(/\$\{([^}]+)\}/g, (_, reference: string) => textOf(this.#lookUp(reference)));
    }
    if (Array.isArray(value)) return value.map((item: Json) => this.resolve(item));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.resolve(item)]));
  }
}
