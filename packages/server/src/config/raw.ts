// SPDX-License-Identifier: Apache-2.0

/** Unvalidated settings by key, as the command line collected them. */
export interface RawConfig {
  readonly values: Readonly<Record<string, unknown>>;
  /** Where defaults of paths begin. */
  readonly directories: { readonly runtime: string; readonly state: string };
  /** Where in the file a key stands, from 1; undefined when it came from elsewhere. */
  position(path: readonly PropertyKey[]): { readonly line: number; readonly column: number } | undefined;
}

/** One thing that a person must fix in a configuration. */
export interface ConfigProblem {
  /** Key path such as `node_attestors.x509pop.ca_file`. */
  readonly path: string;
  readonly problem: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}
