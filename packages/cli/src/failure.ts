// SPDX-License-Identifier: Apache-2.0

/** Exit codes of every command: what went wrong, by kind. */
export const exitCode = { done: 0, refused: 1, usage: 2, unreachable: 3, interrupted: 130 } as const;

/**
 * Why a command failed, where the command line itself says so. Stable.
 *
 * `USAGE` wrong options or arguments · `CONFIG_INVALID` the configuration has problems, all listed · `SERVER_UNREACHABLE` nobody answers on
 * the admin socket, or this user may not use it · `AGENT_UNREACHABLE` the same of the Workload API socket · `SOCKET_UNSAFE`
 * the default socket's directory was made by another user · `FILE_UNREADABLE` a file
 * named by an option can't be read · `FILE_TOO_LARGE` it has more than 64 MiB · `FILE_NOT_WRITTEN` no file can be made there · `NOT_READY` a health check failed · `NOT_FOUND` nothing fits · `BAD_ANSWER` the server answered
 * what the contract does not allow · `NOT_CONFORMANT` a Workload API breaks the standard · `NO_IDENTITY` the stream ended before there was an SVID · `NOT_STARTED` the command could not be
 * started · `DIRECTORY_IN_USE` files of somebody else are where `mayfly dev` should work · `PATH_TOO_LONG` a socket's name would not fit ·
 * `DEV_TIMEOUT` a step of `mayfly dev` took too long · `DEV_REFUSED` the server refused an entry of `mayfly dev` ·
 * `NOT_QUIET` a task ends, and something that it held is not proven to be gone yet · `APPROVAL_ALTERED` what is to be signed is not what is
 * shown · `NOT_SIGNED` ssh-keygen or the key agent made no signature · `LOG_NOT_SOUND` the record is not what was signed, or can't have
 * been so · `POLICY_TESTS_FAILED` policies decide otherwise than their tests say · `INTERRUPTED` by SIGINT or SIGTERM ·
 * `ORDER_FAILED` the broker could not do what was ordered about an account · `INTERNAL` a mistake in the program.
 */
export type CliErrorCode =
  | "USAGE"
  | "CONFIG_INVALID"
  | "SERVER_UNREACHABLE"
  | "AGENT_UNREACHABLE"
  | "SOCKET_UNSAFE"
  | "FILE_UNREADABLE"
  | "FILE_TOO_LARGE"
  | "FILE_NOT_WRITTEN"
  | "NOT_READY"
  | "NOT_FOUND"
  | "BAD_ANSWER"
  | "NOT_CONFORMANT"
  | "NO_IDENTITY"
  | "NOT_STARTED"
  | "DIRECTORY_IN_USE"
  | "PATH_TOO_LONG"
  | "DEV_TIMEOUT"
  | "DEV_REFUSED"
  | "NOT_QUIET"
  | "APPROVAL_ALTERED"
  | "NOT_SIGNED"
  | "LOG_NOT_SOUND"
  | "POLICY_TESTS_FAILED"
  | "ORDER_FAILED"
  | "INTERRUPTED"
  | "INTERNAL";

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

  constructor(code: CliErrorCode, message: string, options?: FailureOptions);
  /** With the code that somebody else gave: a library, the server, the agent. */
  constructor(code: { readonly foreign: string }, message: string, options?: FailureOptions);
  constructor(code: CliErrorCode | { readonly foreign: string }, message: string, options: FailureOptions = {}) {
    super(message, { cause: options.cause });
    this.code = typeof code === "string" ? code : code.foreign;
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

/** The failure that any error is: a coded one keeps its code, everything else is INTERNAL. A caller's bug (TypeError, RangeError) is never coded. */
export function toFailure(error: unknown, hints: Readonly<Record<string, string>> = {}): CliFailure {
  if (error instanceof CliFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  const bug = error instanceof TypeError || error instanceof RangeError;
  const code = error instanceof Error && "code" in error && !bug ? error.code : undefined;
  if (typeof code !== "string") return new CliFailure("INTERNAL", message, { cause: error });
  // Errors of the system begin with their code already.
  const sentence = message.startsWith(`${code}: `) ? message.slice(code.length + 2) : message;
  return new CliFailure({ foreign: code }, sentence, { hint: hints[code], cause: error });
}

/** Text of an ID or message for a terminal: control bytes become visible escapes. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (char) => {
    const point = char.codePointAt(0) ?? 0;
    return point > 0xff ? `\\u${point.toString(16)}` : `\\x${point.toString(16).padStart(2, "0")}`;
  });
}

/** Tells on stderr of what was overcome. */
export function reportWarning(error: Error & { readonly code: string }): void {
  process.stderr.write(`warning: ${error.code}: ${printable(error.message)}\n`);
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
