// SPDX-License-Identifier: Apache-2.0

/** Exit codes of every command: what went wrong, by kind. */
export const exitCode = { done: 0, refused: 1, usage: 2, unreachable: 3, interrupted: 130 } as const;

/** What goes with a failure besides its code and sentence. */
export interface FailureOptions {
  /** What to do about it. */
  readonly hint?: string | undefined;
  /** Default 1, refused. */
  readonly exit?: number | undefined;
  /** Where a person must fix several things, all of them, one sentence each. */
  readonly problems?: readonly string[] | undefined;
  readonly cause?: unknown;
}

/** A command that can't do what was asked: stable code, one sentence, what to do. */
export class CliFailure extends Error {
  override readonly name = "CliFailure";
  readonly code: string;
  readonly hint: string;
  readonly exit: number;
  readonly problems: readonly string[];

  constructor(code: string, message: string, options: FailureOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? "";
    this.exit = options.exit ?? exitCode.refused;
    this.problems = options.problems ?? [];
  }
}

/** Wrong usage: exit 2. With several problems they are listed, and the sentence counts them. */
export function usageFailure(problems: string | readonly string[], hint = ""): CliFailure {
  const [first = "", ...rest] = typeof problems === "string" ? [problems] : problems;
  if (rest.length === 0) return new CliFailure("USAGE", first, { hint, exit: exitCode.usage });
  const all = [first, ...rest];
  return new CliFailure("USAGE", `${all.length} problems`, { hint, exit: exitCode.usage, problems: all });
}

/** Text of an ID or message for a terminal: control bytes become visible escapes. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (char) => {
    const point = char.codePointAt(0) ?? 0;
    return point > 0xff ? `\\u${point.toString(16)}` : `\\x${point.toString(16).padStart(2, "0")}`;
  });
}

/** Writes the failure to stderr, as text or as one JSON document, and returns the exit code. */
export function reportFailure(failure: CliFailure, json: boolean): number {
  if (json) {
    const { code, message, hint, problems } = failure;
    const error = { code, message, hint, ...(problems.length > 0 && { problems }) };
    process.stderr.write(`${JSON.stringify({ error })}\n`);
    return failure.exit;
  }
  process.stderr.write(`error: ${failure.code}: ${printable(failure.message)}\n`);
  for (const problem of failure.problems) process.stderr.write(`  ${printable(problem)}\n`);
  if (failure.hint !== "") process.stderr.write(`hint: ${printable(failure.hint)}\n`);
  return failure.exit;
}
