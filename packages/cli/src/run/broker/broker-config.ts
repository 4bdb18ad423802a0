// SPDX-License-Identifier: Apache-2.0
import { type SpiffeId, TrustDomain } from "@mayfly/spiffe";
import type { LogLevel } from "@mayfly/telemetry";
import type { ConfigProblem, RawConfig } from "../raw-config.ts";
import { SettingsReader } from "./fields.ts";
import { readAddress, readTarget, type TargetSettings } from "./target-settings.ts";

/** The settings of one broker, checked. */
export interface BrokerConfig {
  readonly trustDomain: TrustDomain;
  /** `host:port` of the Mayfly server. */
  readonly server: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** Path of the Workload API's socket. */
  readonly workloadSocket: string;
  /** Which of the SVIDs that the Workload API gives; undefined = the first. */
  readonly spiffeId: SpiffeId | undefined;
  /** Who may ask for leases. */
  readonly toolServers: readonly SpiffeId[];
  /** Whose statements of calls count. */
  readonly gateways: readonly SpiffeId[];
  readonly targets: readonly TargetSettings[];
  readonly reconcileEveryMs: number | undefined;
  /** OTLP/HTTP collector that spans go to; undefined = nowhere. */
  readonly otlp: URL | undefined;
  readonly logLevel: LogLevel;
  readonly logFormat: "text" | "json";
}

const keys = [
  "trust_domain",
  "server",
  "listen",
  "workload_socket",
  "spiffe_id",
  "tool_servers",
  "gateways",
  "targets",
  "reconcile_every",
  "traces",
  "log_level",
  "log_format",
];
const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

function readTrustDomain(reader: SettingsReader, value: unknown): TrustDomain | undefined {
  if (value === undefined) return reader.report(["trust_domain"], "is missing");
  try {
    return TrustDomain.parse(typeof value === "string" ? value : "");
  } catch {
    return reader.report(["trust_domain"], "expected the name of a trust domain");
  }
}

function readChoice<T extends string>(
  reader: SettingsReader,
  value: unknown,
  { key, choices, fallback }: { readonly key: string; readonly choices: readonly T[]; readonly fallback: T },
): T {
  if (value === undefined) return fallback;
  const found = choices.find((each) => each === value);
  if (found === undefined) reader.report([key], `expected one of ${choices.join(", ")}`);
  return found ?? fallback;
}

function readCollector(reader: SettingsReader, value: unknown): URL | undefined {
  if (value === undefined) return undefined;
  const { otlp } = reader.mapping(value, ["traces"], ["otlp"]);
  const url = typeof otlp === "string" && URL.canParse(otlp) && !/[?#]/.test(otlp) ? new URL(otlp) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === "") return url;
  return reader.report(["traces", "otlp"], "expected an http or https URL without user, query and fragment");
}

function readTargets(reader: SettingsReader, value: unknown): TargetSettings[] {
  const found = Object.entries(value === undefined ? {} : reader.anyMapping(value, ["targets"]));
  if (found.length === 0) reader.report(["targets"], "expected at least one database");
  return found.map(([name, target]) => readTarget(reader, name, target));
}

/** Checks raw settings and fills in defaults; all problems at once. */
export function parseBrokerConfig(
  raw: RawConfig,
): { readonly config: BrokerConfig } | { readonly problems: readonly ConfigProblem[] } {
  const reader = new SettingsReader(raw);
  const values = reader.mapping(raw.values, [], keys);
  const trustDomain = readTrustDomain(reader, values["trust_domain"]);
  const address = { pattern: /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):\d{1,5}$/, expected: "host:port" };
  const server = reader.text(values["server"], ["server"], address);
  const socketRule = { pattern: /^\/[^\0]*$/, expected: "an absolute path" };
  const socket = values["workload_socket"] ?? `${raw.directories.runtime}/agent/workload.sock`;
  const config = {
    listen: readAddress(reader, values["listen"], ["listen"]) ?? { host: "127.0.0.1", port: 8444 },
    workloadSocket: reader.text(socket, ["workload_socket"], socketRule) ?? "",
    spiffeId: values["spiffe_id"] === undefined ? undefined : reader.id(values["spiffe_id"], ["spiffe_id"]),
    toolServers: reader.ids(values["tool_servers"], ["tool_servers"]),
    gateways: reader.ids(values["gateways"], ["gateways"]),
    targets: readTargets(reader, values["targets"]),
    reconcileEveryMs: reader.duration(values["reconcile_every"], ["reconcile_every"], [1000, 86_400_000]),
    otlp: readCollector(reader, values["traces"]),
    logLevel: readChoice(reader, values["log_level"], { key: "log_level", choices: levels, fallback: "info" }),
    logFormat: readChoice(reader, values["log_format"], {
      key: "log_format",
      choices: ["text", "json"],
      fallback: "text",
    }),
  };
  if (reader.problems.length > 0 || trustDomain === undefined || server === undefined)
    return { problems: reader.problems };
  return { config: { ...config, trustDomain, server } };
}
