// SPDX-License-Identifier: Apache-2.0
import { type AgentConfigInput, readAgentConfig } from "./schema.ts";

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

/** How the node proves itself; files are read when it is needed. */
export type NodeMethod =
  | { readonly type: "join_token" /** File, or "-" for standard input. */; readonly tokenFile: string | undefined }
  | { readonly type: "x509pop"; readonly certificateFile: string; readonly privateKeyFile: string };

/** The settings of one agent, checked. */
export interface AgentConfig {
  /** Name; undefined: the enrolment string tells. */
  readonly trustDomain: string | undefined;
  /** `host:port`, tried in order; empty: the enrolment string tells. */
  readonly servers: readonly string[];
  readonly socket: string;
  readonly dataDir: string;
  /** File with an enrolment string, or "-" for standard input. */
  readonly enrolmentFile: string | undefined;
  /** PEM file with the server's authorities. */
  readonly trustBundleFile: string | undefined;
  /** Believe the first server that answers, once. */
  readonly insecureBootstrap: boolean;
  readonly nodeMethod: NodeMethod;
  readonly unix: { readonly path: boolean; readonly sha256: boolean };
  readonly refusalHoldSeconds: number;
  readonly sync: "push" | "poll" | "auto";
  readonly logLevel: "debug" | "info" | "warn" | "error";
  readonly logFormat: "text" | "json";
}

/** Checks raw settings and fills in defaults; all problems at once. */
export function parseAgentConfig(
  raw: RawConfig,
): { readonly config: AgentConfig } | { readonly problems: readonly ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const report = (keys: readonly string[], problem: string): void => {
    problems.push({ path: keys.join("."), problem, ...raw.position(keys) });
  };
  const input = readAgentConfig(raw.values, { keys: [], report }) ?? {};
  if (problems.length === 0) problems.push(...missing(input));
  return problems.length > 0 ? { problems } : { config: toConfig(input, raw) };
}

function missing(input: Partial<AgentConfigInput>): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (input.insecure_bootstrap === true && (input.trust_bundle ?? input.enrolment) !== undefined) {
    problems.push({ path: "insecure_bootstrap", problem: "is not needed beside what the server is known by" });
  }
  if (input.enrolment !== undefined) return problems;
  const need = (path: string, problem: string): number => problems.push({ path, problem });
  if (input.trust_domain === undefined) need("trust_domain", "is needed without an enrolment string");
  if (input.server === undefined) need("server", "is needed without an enrolment string");
  if (input.trust_bundle === undefined && input.insecure_bootstrap !== true) {
    need("trust_bundle", "is needed to know the server, or an enrolment string");
  }
  return problems;
}

function toConfig(input: Partial<AgentConfigInput>, { directories }: RawConfig): AgentConfig {
  const x509pop = input.node_attestor?.x509pop;
  const unix = input.workload_attestors?.unix;
  return {
    trustDomain: input.trust_domain,
    servers: input.server ?? [],
    socket: input.socket ?? `${directories.runtime}/agent/workload.sock`,
    dataDir: input.data_dir ?? `${directories.state}/agent`,
    enrolmentFile: input.enrolment,
    trustBundleFile: input.trust_bundle,
    insecureBootstrap: input.insecure_bootstrap ?? false,
    nodeMethod: x509pop
      ? { type: "x509pop", certificateFile: x509pop.certificate_file, privateKeyFile: x509pop.private_key_file }
      : { type: "join_token", tokenFile: input.join_token_file },
    unix: { path: unix?.path ?? true, sha256: unix?.sha256 ?? true },
    refusalHoldSeconds: input.refusal_hold ?? 2,
    sync: input.sync ?? "auto",
    logLevel: input.log_level ?? "info",
    logFormat: input.log_format ?? "text",
  };
}
