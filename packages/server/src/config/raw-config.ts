// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { isNode, LineCounter, parseDocument } from "yaml";
import { ConfigError } from "./config-error.ts";

/** Unvalidated settings by key, and where in the file a key stands. */
export interface RawConfig {
  readonly values: Readonly<Record<string, unknown>>;
  /** Where defaults of paths begin. */
  readonly directories: { readonly runtime: string; readonly state: string };
  position(path: readonly PropertyKey[]): { readonly line: number; readonly column: number } | undefined;
}

/** What `readRawConfig` merges: an option beats the environment, which beats the file. */
export interface RawConfigSources {
  /** YAML file; `MAYFLY_CONFIG` when undefined. */
  readonly file?: string | undefined;
  /** Values of command-line options by configuration key; undefined ones are left out. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Effective user id of this process. */
  readonly uid: number;
}

/** Environment variables that stand for a key. */
const environmentKeys: Readonly<Record<string, string>> = { MAYFLY_SERVER_SOCKET: "server_socket" };

interface ParsedFile {
  readonly values: Readonly<Record<string, unknown>>;
  position: RawConfig["position"];
}

const noFile: ParsedFile = { values: {}, position: () => undefined };

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new ConfigError([{ path: "", problem: `cannot read ${JSON.stringify(file)}` }], { cause });
  }
}

function parseFile(file: string): ParsedFile {
  const lines = new LineCounter();
  const document = parseDocument(readText(file), { lineCounter: lines, uniqueKeys: true, stringKeys: true });
  const place = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  if (document.errors.length > 0) {
    throw new ConfigError(
      document.errors.map((error) => ({
        path: "",
        problem: error.message.split("\n", 1)[0] ?? "",
        ...place(error.pos[0]),
      })),
    );
  }
  const values: unknown = document.toJS({ maxAliasCount: 0 });
  if (values === null || values === undefined) return noFile;
  if (typeof values !== "object" || Array.isArray(values)) {
    throw new ConfigError([{ path: "", problem: "expected a mapping of keys to values", line: 1, column: 1 }]);
  }
  const position = (path: readonly PropertyKey[]): { line: number; column: number } | undefined => {
    const node: unknown = document.getIn(path, true);
    return isNode(node) && node.range ? place(node.range[0]) : undefined;
  };
  return { values: values as Record<string, unknown>, position };
}

function directories({ environment, uid }: RawConfigSources): RawConfig["directories"] {
  if (uid === 0) return { runtime: "/run/mayfly", state: "/var/lib/mayfly" };
  const runtime = environment["XDG_RUNTIME_DIR"];
  const state = environment["XDG_STATE_HOME"];
  return {
    runtime: runtime ? `${runtime}/mayfly` : `/tmp/mayfly-${String(uid)}`,
    state: state ? `${state}/mayfly` : `${environment["HOME"] ?? "/tmp"}/.local/state/mayfly`,
  };
}

/** Reads file and environment; nothing is checked beyond YAML itself. @throws {ConfigError} CONFIG_INVALID */
export function readRawConfig(sources: RawConfigSources): RawConfig {
  const file = sources.file ?? sources.environment["MAYFLY_CONFIG"];
  const parsed = file === undefined ? noFile : parseFile(file);
  const overrides: Record<string, unknown> = {};
  for (const [variable, key] of Object.entries(environmentKeys)) {
    const value = sources.environment[variable];
    if (value !== undefined && value !== "") overrides[key] = value;
  }
  for (const [key, value] of Object.entries(sources.options ?? {})) {
    if (value !== undefined) overrides[key] = value;
  }
  return {
    values: { ...parsed.values, ...overrides },
    directories: directories(sources),
    position: (path) => (path[0] !== undefined && String(path[0]) in overrides ? undefined : parsed.position(path)),
  };
}
