// SPDX-License-Identifier: Apache-2.0
import type { RegisteredServer } from "../tools/tool-register.ts";
import type { GatewayConfig } from "./gateway-config.ts";

/** The effective configuration in the form of the file, for `--check-config`. It names files with secrets and never holds one. */
export function describeGatewayConfig(config: GatewayConfig): Record<string, unknown> {
  const described = {
    trust_domain: config.trustDomain.name,
    server: config.server,
    listen: config.listen,
    hosts: config.hosts,
    origins: config.origins,
    workload_socket: config.workloadSocket,
    spiffe_id: config.spiffeId,
    data_dir: config.dataDir,
    policy: config.policyDir,
    policy_key: config.policyKeyFile,
    policy_min_revision: config.policyMinRevision,
    tool_servers: Object.fromEntries([...config.toolServers].map(([name, server]) => [name, describe(server)])),
    authzen: config.authzen,
    traces: config.otlp && { otlp: config.otlp.href },
    approval_ttl: `${String(config.approvalTtlSeconds)}s`,
    call_timeout: `${String(config.callTimeoutMs)}ms`,
    tool_refresh: `${String(config.toolRefreshMs)}ms`,
    max_body: config.maxBodyBytes,
    max_answer: config.maxAnswerBytes,
    max_calls_per_task: config.maxCallsPerTask,
    log_level: config.logLevel,
    log_format: config.logFormat,
  };
  return Object.fromEntries(Object.entries(described).filter(([, value]) => value !== undefined));
}

function describe({ url, spiffeId, tools }: RegisteredServer): Record<string, unknown> {
  const entries = [...tools].map(([name, { effect, resourceArguments, isUntrusted }]) => [
    name,
    {
      effect,
      ...(resourceArguments.length > 0 && { resources: resourceArguments }),
      ...(isUntrusted && { untrusted: true }),
    },
  ]);
  return { url: url.href, spiffe_id: spiffeId, tools: Object.fromEntries(entries) as unknown };
}
