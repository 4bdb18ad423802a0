// SPDX-License-Identifier: Apache-2.0
import { SpiffeId, TrustDomain } from "@mayfly/spiffe";
import { Fields } from "./fields.ts";
import { readTarget, type TargetSettings } from "./target-settings.ts";

/** Settings as they were found in file, environment and options; `position` tells where in the file. */
export interface RawConfig {
  readonly values: Readonly<Record<string, unknown>>;
  readonly directories: { readonly runtime: string };
  position(path: readonly PropertyKey[]): { readonly line: number; readonly column: number } | undefined;
}

/** One thing to mend. */
export interface ConfigProblem {
  /** Keys joined with dots. */
  readonly path: string;
  readonly problem: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** The settings of one broker, checked. It names files with secrets and never holds one. */
export interface BrokerConfig {
  readonly trustDomain: TrustDomain;
  /** `host:port` of the Mayfly server. */
  readonly server: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** Path of the Workload API's socket. */
  readonly workloadSocket: string;
  /** Who may ask for leases. */
  readonly toolServers: readonly SpiffeId[];
  /** Whose statements of calls count. */
  readonly gateways: readonly SpiffeId[];
  readonly targets: readonly TargetSettings[];
  readonly logLevel: "debug" | "info" | "warn" | "error";
  readonly logFormat: "text" | "json";
}

const keys = ["trust_domain", "server", "listen", "workload_socket", "tool_servers", "gateways", "targets"];

/** Checks raw settings and fills in defaults; all problems at once. */
export function parseBrokerConfig(
  raw: RawConfig,
): { readonly config: BrokerConfig } | { readonly problems: readonly ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const report = (path: readonly string[], problem: string): void => {
    problems.push({ path: path.join("."), problem, ...raw.position(path) });
  };
  const fields = new Fields(raw.values, [], [...keys, "log_level", "log_format"], report);
  const domain = fields.text("trust_domain", "the name of a trust domain", (name) =>
    tried(() => TrustDomain.parse(name)),
  );
  const server = fields.text("server", "host:port", (text) => (address(text) === undefined ? undefined : text));
  const id = (text: string): SpiffeId | undefined => tried(() => SpiffeId.parse(text));
  const config = {
    trustDomain: fields.needed("trust_domain", domain),
    server: fields.needed("server", server),
    listen: fields.text("listen", "host:port", address) ?? { host: "127.0.0.1", port: 8444 },
    workloadSocket:
      fields.text("workload_socket", "an absolute path", (path) => (/^\/[^\0]*$/.test(path) ? path : undefined)) ??
      `${raw.directories.runtime}/agent/workload.sock`,
    toolServers: fields.needed("tool_servers", fields.texts("tool_servers", 256, "a SPIFFE ID", id)),
    gateways: fields.needed("gateways", fields.texts("gateways", 64, "a SPIFFE ID", id)),
    targets: readTargets(fields.raw("targets"), report),
    logLevel: fields.text("log_level", "debug, info, warn or error", oneOf("debug", "info", "warn", "error")) ?? "info",
    logFormat: fields.text("log_format", "text or json", oneOf("text", "json")) ?? "text",
  };
  const { trustDomain, server: at, toolServers, gateways } = config;
  if (problems.length > 0 || !trustDomain || at === undefined || !toolServers || !gateways) return { problems };
  return { config: { ...config, trustDomain, server: at, toolServers, gateways } };
}

function readTargets(value: unknown, report: (path: readonly string[], problem: string) => void): TargetSettings[] {
  const isMapping = typeof value === "object" && value !== null && !Array.isArray(value);
  const entries = isMapping ? Object.entries(value) : [];
  if (entries.length === 0 || entries.length > 64) {
    report(["targets"], "expected a mapping of 1 to 64 names to databases");
    return [];
  }
  return entries.flatMap(([name, each]) => readTarget(name, each, report) ?? []);
}

function oneOf<const T extends string>(...words: readonly T[]): (text: string) => T | undefined {
  return (text) => words.find((word) => word === text);
}

function address(text: string): { host: string; port: number } | undefined {
  const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) return undefined;
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

function tried<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
