// SPDX-License-Identifier: Apache-2.0
import { CliFailure, exitCode, usageFailure } from "./failure.ts";
import { contentOf } from "./files.ts";
import { yaml } from "./yaml.ts";

/** What a YAML or JSON file says; `-` is standard input. No anchors, no repeated keys. @throws {CliFailure} USAGE, FILE_UNREADABLE */
function documentOf(file: string): unknown {
  const document = yaml().parseDocument(contentOf(file), { uniqueKeys: true, stringKeys: true, merge: false });
  const [broken] = document.errors;
  const refuse = (problem: string): CliFailure =>
    usageFailure(`${JSON.stringify(file)} is neither JSON nor YAML: ${problem}`);
  if (broken !== undefined) throw refuse(broken.message.split("\n", 1)[0] ?? "");
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : "malformed");
  }
}

interface Refusal extends Error {
  readonly code: string;
  readonly problems: readonly { readonly path: string; readonly problem: string }[];
}

function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && "problems" in error && Array.isArray(error.problems) && "code" in error;
}

/** What `parse` makes of a document of a person; all that is wrong is told at once. Exit 2. @throws {CliFailure} with the parser's code */
export function parsedDocument<T>(file: string, parse: (value: unknown) => T): T {
  const value = documentOf(file);
  try {
    return parse(value);
  } catch (error) {
    throw documentFailure(error, JSON.stringify(file));
  }
}

/** The failure of a document whose parser told its problems; anything else as it is. */
export function documentFailure(error: unknown, what: string): unknown {
  if (!isRefusal(error)) return error;
  const problems = error.problems.map(({ path, problem }) => (path === "" ? problem : `${path}: ${problem}`));
  const count = problems.length === 1 ? "1 problem" : `${String(problems.length)} problems`;
  const message = problems.length === 0 ? error.message : `${what} has ${count}`;
  return new CliFailure({ foreign: error.code }, message, { exit: exitCode.usage, problems, cause: error });
}
