// SPDX-License-Identifier: Apache-2.0
import { limits } from "../limits.ts";
import type { CedarValue } from "./cedar.ts";
import type { ArgumentType, DeclaredArguments } from "./declared-arguments.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Why arguments can't be judged. */
type ArgumentProblem = "ARGUMENT_WRONG_TYPE" | "ARGUMENTS_TOO_LARGE";

/** The arguments that policies see, or why the call can't be judged. */
export type ArgumentsVerdict =
  | { readonly values: Readonly<Record<string, CedarValue>>; readonly undeclared: readonly string[] }
  | { readonly refused: ArgumentProblem; readonly argument: string };

type Arguments = Readonly<Record<string, unknown>>;

/** Never leaves this file. */
class Refusal extends Error {
  readonly problem: ArgumentProblem;

  constructor(problem: ArgumentProblem) {
    super(problem);
    this.problem = problem;
  }
}

/**
 * Picks the declared arguments out of a call and turns them into Cedar's values. A value of another type than declared refuses the
 * call: "10" is not 10, and 40.5 is no Long. Of arguments that are not declared only the names are told; one that no policy looks at is
 * checked and left out.
 *
 * A declared name with a slash in it is a tool, `server/tool`, and its record is all that this tool may be given.
 */
export function toCedarArguments({ declared, speaksOf }: Vocabulary, args: Arguments, tool: string): ArgumentsVerdict {
  const converter = new Converter();
  const values: [string, CedarValue][] = [];
  const undeclared: string[] = [];
  for (const [name, value] of Object.entries(declared.has(tool) ? { [tool]: args } : args)) {
    const type = name.includes("/") && value !== args ? undefined : declared.get(name);
    try {
      if (type === undefined) undeclared.push(converter.name(name));
      else {
        const converted = converter.convert(type, value);
        if (!type.optional || speaksOf(name)) values.push([name, converted]);
      }
    } catch (error) {
      if (error instanceof Refusal) return { refused: error.problem, argument: name.slice(0, limits.nameLength) };
      throw error;
    }
  }
  return { values: Object.fromEntries(values), undeclared };
}

/** Converts the arguments of one call and counts what it passes on. Nothing is deeper than its declared type. */
class Converter {
  #members: number = limits.argumentMembers;
  #length: number = limits.argumentLength;

  name(name: string): string {
    if (!name.isWellFormed()) throw new Refusal("ARGUMENT_WRONG_TYPE");
    this.#countMember();
    return this.#countText(name);
  }

  convert(type: ArgumentType, value: unknown): CedarValue {
    this.#countMember();
    if (type.kind === "String" && isText(value)) return this.#countText(value);
    if (type.kind === "Bool" && typeof value === "boolean") return value;
    if (type.kind === "Long" && typeof value === "number" && Number.isSafeInteger(value))
      return value === 0 ? 0 : value;
    if (type.kind === "Set" && Array.isArray(value)) return value.map((each) => this.convert(type.element, each));
    if (type.kind === "Record" && isObject(value)) return this.#convertRecord(type.members, value);
    if (type.kind === "extension") {
      return { __extn: { fn: type.constructor, arg: this.#countText(extensionText(type.constructor, value)) } };
    }
    throw new Refusal("ARGUMENT_WRONG_TYPE");
  }

  /** A declared record takes no other members: what a policy did not foresee inside of it is not let through unseen. */
  #convertRecord(members: DeclaredArguments, value: Arguments): CedarValue {
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => {
        const type = members.get(name);
        if (type === undefined) throw new Refusal("ARGUMENT_WRONG_TYPE");
        return [name, this.convert(type, each)];
      }),
    );
  }

  #countMember(): void {
    this.#members -= 1;
    if (this.#members < 0) throw new Refusal("ARGUMENTS_TOO_LARGE");
  }

  #countText(text: string): string {
    this.#length -= text.length;
    if (this.#length < 0) throw new Refusal("ARGUMENTS_TOO_LARGE");
    return text;
  }
}

/** A decimal may come as a JSON number of at most four places. What Cedar's constructor refuses, Cedar refuses. */
function extensionText(constructor: string, value: unknown): string {
  if (isText(value)) return value;
  if (constructor !== "decimal" || typeof value !== "number") throw new Refusal("ARGUMENT_WRONG_TYPE");
  const text = Number.isInteger(value) ? `${String(value)}.0` : String(value);
  if (!/^-?\d{1,14}\.\d{1,4}$/.test(text)) throw new Refusal("ARGUMENT_WRONG_TYPE");
  return text;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.isWellFormed();
}

function isObject(value: unknown): value is Arguments {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
