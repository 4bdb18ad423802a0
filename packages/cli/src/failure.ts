// SPDX-License-Identifier: Apache-2.0

/** Exit codes of every command: what went wrong, by kind. */
export const exitCode = { done: 0, refused: 1, usage: 2, unreachable: 3, interrupted: 130 } as const;

/** A command that can't do what was asked: stable code, one sentence, what to do. */
export class CliFailure extends Error {
  override readonly name = "CliFailure";
  readonly code: string;
  readonly hint: string;
  readonly exit: number;

  constructor(code: string, message: string, options: { hint?: string; exit?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? "";
    this.exit = options.exit ?? exitCode.refused;
  }
}

/** Wrong usage of one option; all of a command's problems are reported together where it can. */
export function usageFailure(message: string, hint = ""): CliFailure {
  return new CliFailure("USAGE", message, { hint, exit: exitCode.usage });
}

/** Text of an ID or message for a terminal: control bytes become visible escapes. */
export function printable(text: string): string {
  // biome-ignore lint: control characters are what this looks for
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f]/g,
    (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

/** Writes the failure to stderr, as text or as one JSON document, and returns the exit code. */
export function reportFailure(failure: CliFailure, json: boolean): number {
  if (json) {
    const error = { code: failure.code, message: failure.message, hint: failure.hint };
    process.stderr.write(`${JSON.stringify({ error })}\n`);
  } else {
    process.stderr.write(`error: ${failure.code}: ${printable(failure.message)}\n`);
    if (failure.hint !== "") process.stderr.write(`hint: ${printable(failure.hint)}\n`);
  }
  return failure.exit;
}
