// SPDX-License-Identifier: Apache-2.0
import { formatDuration } from "@mayfly/registration";
import type { AgentConfig } from "./agent-config.ts";

/** The effective configuration in the form of the file, for `--check-config`. It names files with secrets and never holds one. */
export function describeAgentConfig(config: AgentConfig): Record<string, unknown> {
  const { nodeMethod } = config;
  const described = {
    trust_domain: config.trustDomain,
    server: config.servers.length > 0 ? config.servers : undefined,
    socket: config.socket,
    data_dir: config.dataDir,
    enrolment: config.enrolmentFile,
    trust_bundle: config.trustBundleFile,
    insecure_bootstrap: config.insecureBootstrap || undefined,
    join_token_file: nodeMethod.type === "join_token" ? nodeMethod.tokenFile : undefined,
    node_attestor:
      nodeMethod.type === "x509pop"
        ? { x509pop: { certificate_file: nodeMethod.certificateFile, private_key_file: nodeMethod.privateKeyFile } }
        : { join_token: {} },
    workload_attestors: { unix: config.unix },
    refusal_hold: formatDuration(config.refusalHoldSeconds),
    sync: config.sync,
    log_level: config.logLevel,
    log_format: config.logFormat,
  };
  return Object.fromEntries(Object.entries(described).filter(([, value]) => value !== undefined));
}
