// SPDX-License-Identifier: Apache-2.0
import type { BrokerConfig } from "./broker-config.ts";
import type { TargetSettings } from "./target-settings.ts";

function given(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function inMs(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : `${String(ms)}ms`;
}

function describeTarget(target: TargetSettings): Record<string, unknown> {
  const { publicAddress: address, legacyRoles, toolServers } = target;
  return given({
    host: target.host,
    port: target.port,
    database: target.database,
    user: target.user,
    password_file: target.passwordFile,
    tls_ca_file: target.caFile,
    tool_servers: toolServers.length === 0 ? undefined : toolServers.map(String),
    group: target.group,
    role_prefix: target.rolePrefix,
    connection_limit: target.connectionLimit,
    statement_timeout: inMs(target.statementTimeoutMs),
    settle: inMs(target.settleMs),
    end_timeout: inMs(target.endTimeoutMs),
    legacy_roles: legacyRoles.length === 0 ? undefined : legacyRoles,
    public_address: address === undefined ? undefined : `${address.host}:${String(address.port)}`,
  });
}

/** The effective configuration in the form of the file, for `--check-config`. It names files with secrets and never holds one. */
export function describeBrokerConfig(config: BrokerConfig): Record<string, unknown> {
  return given({
    trust_domain: config.trustDomain.name,
    server: config.server,
    listen: `${config.listen.host}:${String(config.listen.port)}`,
    workload_socket: config.workloadSocket,
    spiffe_id: config.spiffeId?.toString(),
    tool_servers: config.toolServers.map(String),
    gateways: config.gateways.map(String),
    targets: Object.fromEntries(config.targets.map((target) => [target.name, describeTarget(target)])),
    reconcile_every: inMs(config.reconcileEveryMs),
    traces: config.otlp && { otlp: config.otlp.href },
    log_level: config.logLevel,
    log_format: config.logFormat,
  });
}
