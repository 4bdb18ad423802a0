// SPDX-License-Identifier: Apache-2.0
import { readFileSync, statSync } from "node:fs";
import { type Directories, directoriesOf, type Environment } from "../locations.ts";
import { yaml } from "../yaml.ts";

/** Unvalidated settings by configuration key, and where in the file a key stands. */
export interface RawConfig {
  readonly values: Readonly<Record<string, unknown>>;
  /** Where defaults of paths begin. */
  readonly directories: Directories;
  /** Line and column, from 1, of a value that came from the file. */
  position(path: readonly PropertyKey[]): { readonly line: number; readonly column: number } | undefined;
}

/** One thing that a person must fix; `path` such as `node_attestors.x509pop.ca_file`, empty = the file itself. */
export interface ConfigProblem {
  readonly path: string;
  readonly problem: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** The key that an environment variable stands for. */
export interface VariableKey {
  readonly key: string;
  /** Default: the text as it is. */
  readonly read?: ((text: string) => string) | undefined;
}

/** What `readRawConfig` merges: an option beats the environment, which beats the file. */
export interface RawConfigSources {
  /** YAML file; `MAYFLY_CONFIG` when undefined. */
  readonly file?: string | undefined;
  /** Values of command-line options by configuration key; undefined ones are left out. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Environment variables that stand for a key, and how their text is read. */
  readonly variables: Readonly<Record<string, VariableKey>>;
  readonly environment: Environment;
  /** Effective user id of this process. */
  readonly uid: number;
}

const maxFileBytes = 1024 * 1024;

interface ParsedFile {
  readonly values: Readonly<Record<string, unknown>>;
  readonly position: RawConfig["position"];
}

type Outcome<T> = { readonly [K in keyof T]: T[K] } | { readonly problems: readonly ConfigProblem[] };

function fileProblem(problem: string): { problems: readonly ConfigProblem[] } {
  return { problems: [{ path: "", problem }] };
}

function readText(file: string): Outcome<{ text: string }> {
  try {
    if (statSync(file).size > maxFileBytes) return fileProblem(`${JSON.stringify(file)} is larger than 1 MiB`);
    return { text: readFileSync(file, "utf8") };
  } catch (error) {
    return fileProblem(`cannot read ${JSON.stringify(file)}: ${(error as NodeJS.ErrnoException).code ?? "failed"}`);
  }
}

function parseText(text: string): Outcome<ParsedFile> {
  const { isNode, LineCounter, parseDocument } = yaml();
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, stringKeys: true, merge: false });
  const place = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      path: "",
      problem: (error.message.split("\n", 1)[0] ?? "").replace(/ at line \d+, column \d+:?$/, ""),
      ...place(error.pos[0]),
    }));
    return { problems };
  }
  let values: unknown;
  try {
    values = document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    return fileProblem(error instanceof Error ? error.message : "malformed");
  }
  if (values === null || values === undefined) return { values: {}, position: () => undefined };
  if (typeof values !== "object" || Array.isArray(values))
    return { problems: [{ path: "", problem: "expected a mapping of keys to values", line: 1, column: 1 }] };
  const position: RawConfig["position"] = (path) => {
    const node: unknown = document.getIn(path, true);
    if (isNode(node) && node.range) return place(node.range[0]);
    return path.length > 1 ? position(path.slice(0, -1)) : undefined;
  };
  return { values: values as Record<string, unknown>, position };
}

function readFile(file: string | undefined): Outcome<ParsedFile> {
  if (file === undefined || file === "") return { values: {}, position: () => undefined };
  const read = readText(file);
  return "problems" in read ? read : parseText(read.text);
}

/** Reads file, environment and options; nothing is checked beyond YAML itself. A problem is a value: the caller prints them all. */
export function readRawConfig(sources: RawConfigSources): RawConfig | { readonly problems: readonly ConfigProblem[] } {
  const { environment } = sources;
  const parsed = readFile(sources.file ?? environment["MAYFLY_CONFIG"]);
  if ("problems" in parsed) return parsed;
  const overrides: Record<string, unknown> = {};
  for (const [variable, { key, read }] of Object.entries(sources.variables)) {
    const value = environment[variable];
    if (value !== undefined && value !== "") overrides[key] = read === undefined ? value : read(value);
  }
  for (const [key, value] of Object.entries(sources.options)) if (value !== undefined) overrides[key] = value;
  return {
    values: { ...parsed.values, ...overrides },
    directories: directoriesOf(environment, sources.uid),
    position: (path) => (Object.hasOwn(overrides, String(path[0])) ? undefined : parsed.position(path)),
  };
}
