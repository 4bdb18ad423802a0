// SPDX-License-Identifier: Apache-2.0
import type { TrustDomain } from "@mayfly/spiffe";
import type { RegisteredServer, RegisteredTool, ToolRegister } from "../tools/tool-register.ts";
import { type GatewayConfigInput, readGatewayConfig, type ToolServerInput } from "./schema.ts";

/** Settings as they were found in file, environment and options; `position` tells where in the file. */
export interface RawConfig {
  readonly values: Readonly<Record<string, unknown>>;
  readonly directories: { readonly runtime: string; readonly state: string };
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

/** The settings of one gateway, checked. */
export interface GatewayConfig {
  readonly trustDomain: TrustDomain;
  /** `host:port` of the Mayfly server. */
  readonly server: string;
  /** `host:port`; port 0 = any. */
  readonly listen: string;
  /** Values of Host that are taken, lower case; undefined = the address that is listened on. */
  readonly hosts: readonly string[] | undefined;
  readonly origins: readonly string[];
  /** Path of the Workload API's socket. */
  readonly workloadSocket: string;
  /** Of the SVID to show, where the Workload API gives several; undefined = the first. */
  readonly spiffeId: string | undefined;
  readonly dataDir: string;
  /** Directory of the policy bundle. */
  readonly policyDir: string;
  /** PEM file of the Ed25519 key that bundles have to be signed with. */
  readonly policyKeyFile: string | undefined;
  /** A bundle of an earlier revision is refused; so is one that is older than what was in force here before. */
  readonly policyMinRevision: number;
  readonly toolServers: ToolRegister;
  readonly authzen: { readonly url: string; readonly callers: readonly string[] } | undefined;
  /** Base URL of an OTLP/HTTP collector of spans. */
  readonly otlp: URL | undefined;
  readonly approvalTtlSeconds: number;
  readonly callTimeoutMs: number;
  readonly toolRefreshMs: number;
  readonly maxBodyBytes: number;
  readonly maxAnswerBytes: number;
  readonly maxCallsPerTask: number;
  readonly logLevel: "debug" | "info" | "warn" | "error";
  readonly logFormat: "text" | "json";
}

/** Checks raw settings and fills in defaults; all problems at once. */
export function parseGatewayConfig(
  raw: RawConfig,
): { readonly config: GatewayConfig } | { readonly problems: readonly ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const report = (keys: readonly string[], problem: string): void => {
    problems.push({ path: keys.join("."), problem, ...raw.position(keys) });
  };
  const input = readGatewayConfig(raw.values, { keys: [], report });
  const { trust_domain, server, policy, tool_servers } = input ?? {};
  const isWhole = input !== undefined && trust_domain && server && policy && tool_servers;
  if (problems.length > 0 || !isWhole) return { problems };
  return { config: toConfig({ ...input, trust_domain, server, policy, tool_servers }, raw) };
}

type Needed = Pick<GatewayConfigInput, "trust_domain" | "server" | "policy" | "tool_servers">;

function toConfig(input: Partial<GatewayConfigInput> & Needed, { directories }: RawConfig): GatewayConfig {
  const listen = input.listen ?? "127.0.0.1:8443";
  const { authzen } = input;
  return {
    trustDomain: input.trust_domain,
    server: input.server,
    listen,
    hosts: input.hosts,
    origins: input.origins ?? [],
    workloadSocket: input.workload_socket ?? `${directories.runtime}/agent/workload.sock`,
    spiffeId: input.spiffe_id,
    dataDir: input.data_dir ?? `${directories.state}/gateway`,
    policyDir: input.policy,
    policyKeyFile: input.policy_key,
    policyMinRevision: input.policy_min_revision ?? 1,
    toolServers: new Map([...input.tool_servers].flatMap(([name, each]) => registered(name, each))),
    authzen: authzen?.url === undefined ? undefined : { url: authzen.url, callers: authzen.callers ?? [] },
    otlp: input.traces?.otlp,
    approvalTtlSeconds: Math.ceil((input.approval_ttl ?? 900_000) / 1000),
    callTimeoutMs: input.call_timeout ?? 60_000,
    toolRefreshMs: input.tool_refresh ?? 10_000,
    maxBodyBytes: input.max_body ?? 262_144,
    maxAnswerBytes: input.max_answer ?? 4_194_304,
    maxCallsPerTask: input.max_calls_per_task ?? 16,
    logLevel: input.log_level ?? "info",
    logFormat: input.log_format ?? "text",
  };
}

function registered(name: string, input: Partial<ToolServerInput>): readonly (readonly [string, RegisteredServer])[] {
  const { url, spiffe_id: spiffeId, tools: inputs } = input;
  if (url === undefined || spiffeId === undefined || inputs === undefined) return [];
  const tools = [...inputs].flatMap(([tool, { effect, resources, untrusted }]): [string, RegisteredTool][] =>
    effect === undefined
      ? []
      : [[tool, { server: name, tool, effect, resourceArguments: resources ?? [], isUntrusted: untrusted ?? false }]],
  );
  return [[name, { name, url, spiffeId, tools: new Map(tools) }]];
}
