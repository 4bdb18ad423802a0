// SPDX-License-Identifier: Apache-2.0
import { SpiffeError } from "@mayfly/spiffe";

/** One thing that a person must fix in a configuration. */
export interface ConfigProblem {
  /** Key path such as `node_attestors.x509pop.ca_file`; empty = the file itself. */
  readonly path: string;
  readonly problem: string;
  /** Position in the file, from 1; undefined when the value did not come from the file. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

function describeProblem({ path, problem, line, column }: ConfigProblem): string {
  const where = line === undefined ? "" : `line ${String(line)}, column ${String(column)}: `;
  return path === "" ? `${where}${problem}` : `${where}${path}: ${problem}`;
}

/** A configuration that is refused, with every problem at once. Code `CONFIG_INVALID`. */
export class ConfigError extends SpiffeError {
  readonly code = "CONFIG_INVALID";
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[], options?: ErrorOptions) {
    super(`invalid configuration\n${problems.map((each) => `  ${describeProblem(each)}`).join("\n")}`, options);
    this.problems = problems;
  }
}
