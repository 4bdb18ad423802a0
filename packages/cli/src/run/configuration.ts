// SPDX-License-Identifier: Apache-2.0
import { CliFailure, exitCode } from "../failure.ts";
import { type OutputFormat, printJson, printRaw } from "../output.ts";
import { yaml } from "../yaml.ts";
import { type ConfigProblem, type RawConfig, readRawConfig, type VariableKey } from "./raw-config.ts";

/** The parser of one process: checked settings, or every problem. */
export type ConfigParser<Config> = (
  raw: RawConfig,
) => { readonly config: Config } | { readonly problems: readonly ConfigProblem[] };

/** Where a process's settings come from besides its file. */
export interface ConfigSources {
  readonly file: string | undefined;
  readonly options: Readonly<Record<string, unknown>>;
  readonly variables: Readonly<Record<string, VariableKey>>;
}

function problemText({ path, problem, line, column }: ConfigProblem): string {
  const where = line === undefined ? "" : `line ${line}, column ${column ?? 1}: `;
  return path === "" ? `${where}${problem}` : `${where}${path}: ${problem}`;
}

/** The failure that lists every problem of a configuration: CONFIG_INVALID, exit 2. */
export function configFailure(problems: readonly ConfigProblem[]): CliFailure {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return new CliFailure("CONFIG_INVALID", `the configuration has ${count}`, {
    exit: exitCode.usage,
    problems: problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)).map(problemText),
  });
}

/** Reads file, environment and options, and checks them. @throws {CliFailure} CONFIG_INVALID with every problem */
export function loadConfig<Config>(sources: ConfigSources, parse: ConfigParser<Config>): Config {
  const raw = readRawConfig({ ...sources, environment: process.env, uid: process.geteuid?.() ?? 0 });
  if ("problems" in raw) throw configFailure(raw.problems);
  const result = parse(raw);
  if ("problems" in result) throw configFailure(result.problems);
  return result.config;
}

/** `--check-config`: prints the effective configuration, which holds no secret, as YAML or JSON. */
export function printConfig(described: Readonly<Record<string, unknown>>, format: OutputFormat): void {
  if (format === "json") printJson(described);
  else printRaw(yaml().stringify(described));
}
