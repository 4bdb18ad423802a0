// SPDX-License-Identifier: Apache-2.0
import { SpiffeId, TrustDomain } from "@mayfly/spiffe";
import type { Effect } from "@mayfly/tasks";
import { type Field, flag, integer, list, mapping, named, oneOf, text } from "./fields.ts";

function tried<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

const trustDomain = text((name) => tried(() => TrustDomain.parse(name)), "the name of a trust domain");
const spiffeId = text((id) => tried(() => SpiffeId.parse(id).toString()), "a SPIFFE ID");
const address = text((value) => {
  const match = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})$/.exec(value);
  return match !== null && Number(match[2]) <= 65_535 ? value : undefined;
}, "host:port");
const absolutePath = text((path) => (/^\/[^\0]*$/.test(path) ? path : undefined), "an absolute path");
const httpsUrl = text((value) => {
  const url = tried(() => new URL(value));
  const isPlain = url?.protocol === "https:" && url.username === "" && !/[?#]/.test(value);
  return isPlain ? url : undefined;
}, "an https URL without user, query and fragment");
const collectorUrl = text((value) => {
  const url = tried(() => new URL(value));
  const isPlain = /^https?:$/.test(url?.protocol ?? "") && url?.username === "" && !/[?#]/.test(value);
  return isPlain ? url : undefined;
}, "an http or https URL without user, query and fragment");
/** The decision point's text counts: it is what others compare. */
const decisionPoint = text((value) => {
  const url = tried(() => new URL(value));
  const isPlain = url?.protocol === "https:" && url.username === "" && url.pathname === "/" && !/[?#]/.test(value);
  return isPlain ? value : undefined;
}, "an https URL of a host alone");
const origin = text((value) => (tried(() => new URL(value).origin) === value ? value : undefined), "an origin");
const host = text(
  (value) => (/^[^\s/@]{1,261}$/.test(value) ? value.toLowerCase() : undefined),
  "a host, with its port",
);
const argumentPath = text((path) => (/^[^.\0]+(\.[^.\0]+){0,7}$/.test(path) ? path : undefined), "path of an argument");

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function duration(minMs: number, maxMs: number): Field<number> {
  const expected = `a time such as 30s, from ${String(minMs)}ms to ${String(maxMs)}ms`;
  return text((value) => {
    const [, count, unit = ""] = /^([0-9]{1,7})(ms|s|m|h)$/.exec(value) ?? [];
    const ms = Number(count) * (units[unit] ?? Number.NaN);
    return ms >= minMs && ms <= maxMs ? ms : undefined;
  }, expected);
}

/** One tool in the file. */
interface ToolInput {
  readonly effect: Effect;
  readonly resources: readonly string[];
  readonly untrusted: boolean;
}

/** One tool server in the file. */
export interface ToolServerInput {
  readonly url: URL;
  readonly spiffe_id: string;
  readonly tools: ReadonlyMap<string, Partial<ToolInput>>;
}

const tool = mapping<ToolInput>(
  { effect: oneOf("read", "reversible", "irreversible"), resources: list(argumentPath, 8), untrusted: flag },
  ["effect"],
);
const toolServer = mapping<ToolServerInput>(
  { url: httpsUrl, spiffe_id: spiffeId, tools: named(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/, tool, 256) },
  ["url", "spiffe_id", "tools"],
);

/** What stands in the file, by key; times in milliseconds. */
export interface GatewayConfigInput {
  readonly trust_domain: TrustDomain;
  readonly server: string;
  readonly listen: string;
  readonly hosts: readonly string[];
  readonly origins: readonly string[];
  readonly workload_socket: string;
  readonly spiffe_id: string;
  readonly data_dir: string;
  readonly policy: string;
  readonly policy_key: string;
  readonly policy_min_revision: number;
  readonly tool_servers: ReadonlyMap<string, Partial<ToolServerInput>>;
  readonly authzen: Partial<{ readonly url: string; readonly callers: readonly string[] }>;
  readonly traces: Partial<{ readonly otlp: URL }>;
  readonly approval_ttl: number;
  readonly call_timeout: number;
  readonly tool_refresh: number;
  readonly max_body: number;
  readonly max_answer: number;
  readonly max_calls_per_task: number;
  readonly log_level: "debug" | "info" | "warn" | "error";
  readonly log_format: "text" | "json";
}

/** Reads the file's mapping. */
export const readGatewayConfig: Field<Partial<GatewayConfigInput>> = mapping<GatewayConfigInput>(
  {
    trust_domain: trustDomain,
    server: address,
    listen: address,
    hosts: list(host, 16),
    origins: list(origin, 16),
    workload_socket: absolutePath,
    spiffe_id: spiffeId,
    data_dir: absolutePath,
    policy: absolutePath,
    policy_key: absolutePath,
    policy_min_revision: integer(1, Number.MAX_SAFE_INTEGER),
    tool_servers: named(/^[a-z0-9][a-z0-9._-]{0,62}$/, toolServer, 64),
    authzen: mapping({ url: decisionPoint, callers: list(spiffeId, 64) }, ["url", "callers"]),
    traces: mapping({ otlp: collectorUrl }, ["otlp"]),
    approval_ttl: duration(1000, 24 * 3_600_000),
    call_timeout: duration(100, 3_600_000),
    tool_refresh: duration(100, 3_600_000),
    max_body: integer(1024, 4_194_304),
    max_answer: integer(1024, 67_108_864),
    max_calls_per_task: integer(1, 1000),
    log_level: oneOf("debug", "info", "warn", "error"),
    log_format: oneOf("text", "json"),
  },
  ["trust_domain", "server", "policy", "tool_servers"],
);
