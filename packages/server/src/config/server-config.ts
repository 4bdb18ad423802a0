// SPDX-License-Identifier: Apache-2.0
import { formatDuration } from "@mayfly/registration";
import type { ConfigProblem, RawConfig } from "./raw.ts";
import { type ServerConfigInput, serverConfigSchema } from "./schema.ts";

/** The settings of one server, checked. Times in seconds. */
export interface ServerConfig {
  readonly trustDomain: string;
  /** Port 0 = one that is free. */
  readonly bind: { readonly host: string; readonly port: number };
  readonly serverSocket: string;
  /** Group that may use the admin socket; undefined = its owner only. */
  readonly serverSocketGid: number | undefined;
  readonly dataDir: string;
  readonly x509SvidTtlSeconds: number;
  readonly jwtSvidTtlSeconds: number;
  readonly agentSvidTtlSeconds: number;
  readonly caTtlSeconds: number;
  /** How long ended tasks are kept with all but their records; 0 = for ever. */
  readonly taskRetentionSeconds: number;
  readonly adminIds: readonly string[];
  /** SPIFFE IDs of the gateways that agents' calls go through. */
  readonly gateways: readonly string[];
  /** SPIFFE IDs of the brokers that hold secrets of back-ends. */
  readonly brokers: readonly string[];
  readonly nodeAttestors: {
    readonly joinToken: boolean;
    readonly x509pop: { readonly caFile: string } | undefined;
  };
  /** Per second and source address; 0 = unlimited. */
  readonly rateLimit: { readonly attestation: number; readonly signing: number };
  /** File that holds the key encryption key; undefined = the environment, else a file made in the data directory. */
  readonly keyEncryptionKeyFile: string | undefined;
  /** Base URL of an OTLP/HTTP collector of spans. */
  readonly otlp: URL | undefined;
  readonly logLevel: "debug" | "info" | "warn" | "error";
  readonly logFormat: "text" | "json";
}

function toConfig(input: ServerConfigInput, { directories }: RawConfig): ServerConfig {
  const attestors = input.node_attestors;
  return {
    trustDomain: input.trust_domain,
    bind: input.bind,
    serverSocket: input.server_socket ?? `${directories.runtime}/server/admin.sock`,
    serverSocketGid: input.server_socket_gid,
    dataDir: input.data_dir ?? `${directories.state}/server`,
    x509SvidTtlSeconds: input.x509_svid_ttl,
    jwtSvidTtlSeconds: input.jwt_svid_ttl,
    agentSvidTtlSeconds: input.agent_svid_ttl,
    caTtlSeconds: input.ca_ttl,
    taskRetentionSeconds: input.task_retention,
    adminIds: input.admin_ids,
    gateways: input.gateways,
    brokers: input.brokers,
    nodeAttestors: {
      joinToken: attestors.join_token !== undefined,
      x509pop: attestors.x509pop && { caFile: attestors.x509pop.ca_file },
    },
    rateLimit: input.rate_limit,
    keyEncryptionKeyFile: input.key_encryption_key_file,
    otlp: input.traces?.otlp,
    logLevel: input.log_level,
    logFormat: input.log_format,
  };
}

/** Checks raw settings and fills in defaults; all problems at once. */
export function parseServerConfig(
  raw: RawConfig,
): { readonly config: ServerConfig } | { readonly problems: readonly ConfigProblem[] } {
  const result = serverConfigSchema.safeParse(raw.values);
  if (result.success) return { config: toConfig(result.data, raw) };
  const problems = result.error.issues.flatMap((issue): ConfigProblem[] => {
    const unknown = issue.code === "unrecognized_keys";
    const paths = unknown ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    const problem = unknown ? "unknown key" : issue.message;
    return paths.map((path) => ({ path: path.map(String).join("."), problem, ...raw.position(path) }));
  });
  return { problems };
}

/** The effective configuration in the form of the file, for `--check-config`. Holds no secret: secrets are never part of it. */
export function describeServerConfig(config: ServerConfig): Record<string, unknown> {
  const { x509pop, joinToken } = config.nodeAttestors;
  const { host, port } = config.bind;
  return {
    trust_domain: config.trustDomain,
    bind: `${host.includes(":") ? `[${host}]` : host}:${String(port)}`,
    server_socket: config.serverSocket,
    ...(config.serverSocketGid !== undefined && { server_socket_gid: config.serverSocketGid }),
    data_dir: config.dataDir,
    x509_svid_ttl: formatDuration(config.x509SvidTtlSeconds),
    jwt_svid_ttl: formatDuration(config.jwtSvidTtlSeconds),
    agent_svid_ttl: formatDuration(config.agentSvidTtlSeconds),
    ca_ttl: formatDuration(config.caTtlSeconds),
    task_retention: config.taskRetentionSeconds === 0 ? "0" : formatDuration(config.taskRetentionSeconds),
    admin_ids: config.adminIds,
    gateways: config.gateways,
    brokers: config.brokers,
    node_attestors: {
      ...(joinToken && { join_token: {} }),
      ...(x509pop && { x509pop: { ca_file: x509pop.caFile } }),
    },
    rate_limit: config.rateLimit,
    ...(config.keyEncryptionKeyFile !== undefined && { key_encryption_key_file: config.keyEncryptionKeyFile }),
    ...(config.otlp && { traces: { otlp: config.otlp.href } }),
    log_level: config.logLevel,
    log_format: config.logFormat,
  };
}
