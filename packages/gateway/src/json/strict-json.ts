// SPDX-License-Identifier: Apache-2.0
import { scanNames } from "./scan-names.ts";

/** Why a body is not read. */
export type JsonProblem = "NOT_UTF8" | "NOT_JSON" | "TOO_DEEP" | "NAME_TWICE" | "NAME_CASE" | "NAME_FORBIDDEN";

/** JSON that two readers might understand differently, or that is none. */
export class StrictJsonError extends Error {
  readonly problem: JsonProblem;

  constructor(problem: JsonProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads JSON (RFC 8259) that has one meaning only: UTF-8 without a byte order mark; in no object two names that are equal, or equal but for
 * case; no NUL or other control character in a name; at most 32 levels deep. The caller limits the size.
 * @throws {StrictJsonError}
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new StrictJsonError("NOT_UTF8", "the body is not UTF-8");
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The engine's message quotes the body.
    throw new StrictJsonError("NOT_JSON", "the body is not JSON");
  }
  const found = scanNames(text);
  if (found !== undefined) throw new StrictJsonError(found, messages[found]);
  return value;
}

const messages: Readonly<Record<Exclude<JsonProblem, "NOT_UTF8" | "NOT_JSON">, string>> = {
  TOO_DEEP: "the body has more than 32 levels",
  NAME_TWICE: "a name comes twice in one object",
  NAME_CASE: "two names in one object differ by case only",
  NAME_FORBIDDEN: "a name has a control character, half a surrogate pair, or is one that objects have of themselves",
};
