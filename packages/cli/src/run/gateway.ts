// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { outputOf, withExample } from "../commands/command.ts";
import type { ConfigSources } from "./configuration.ts";
import { runUntilStopped } from "./lifetime.ts";
import { pathText, withLogging } from "./options.ts";
import { reloadFailure } from "./reload.ts";
import { socketPath } from "./socket-path.ts";

interface GatewayOptions {
  readonly config?: string;
  readonly checkConfig?: boolean;
  readonly trustDomain?: string;
  readonly server?: string;
  readonly listen?: string;
  readonly policy?: string;
  readonly policyKey?: string;
  readonly dataDir?: string;
  readonly socket?: string;
  readonly logLevel?: string;
  readonly logFormat?: string;
}

function sourcesOf(options: GatewayOptions): ConfigSources {
  return {
    file: options.config,
    variables: { SPIFFE_ENDPOINT_SOCKET: { key: "workload_socket", read: socketPath } },
    options: {
      trust_domain: options.trustDomain,
      server: options.server,
      listen: options.listen,
      policy: options.policy,
      policy_key: options.policyKey,
      data_dir: options.dataDir,
      workload_socket: options.socket,
      log_level: options.logLevel,
      log_format: options.logFormat,
    },
  };
}

async function run(options: GatewayOptions, command: Command): Promise<void> {
  const { describeGatewayConfig, parseGatewayConfig, startGateway } = await import("@mayfly/gateway");
  const { loadConfig, printConfig } = await import("./configuration.ts");
  const sources = sourcesOf(options);
  const config = loadConfig(sources, parseGatewayConfig);
  if (options.checkConfig === true) return printConfig(describeGatewayConfig(config), outputOf(command));
  await runUntilStopped(
    () => startGateway(config),
    (gateway) => reloadFailure(() => gateway.reload(loadConfig(sources, parseGatewayConfig)), outputOf(command)),
  );
}

/** `mayfly gateway run`. */
export function gatewayRun(): Command {
  const command = new Command("run")
    .description("run the gateway until SIGTERM or SIGINT; SIGHUP reloads the log level and the policies")
    .option("--config <file>", "YAML file, with the tool servers; MAYFLY_CONFIG names it, too")
    .option("--check-config", "print the effective configuration without secrets, and end")
    .option("--trust-domain <name>", "trust domain of the server")
    .option("--server <host:port>", "the server")
    .option("--listen <host:port>", "where agents reach it (default: 127.0.0.1:8443)")
    .option("--policy <dir>", "directory of the policy bundle", pathText)
    .option("--policy-key <file>", "public key (PEM) that the bundle has to be signed with", pathText)
    .option("--data-dir <dir>", "where its state lives", pathText)
    .option("--socket <path>", "Workload API socket that its identity comes from", socketPath);
  withLogging(command);
  return withExample(command, "mayfly gateway run --config gateway.yaml").action(run);
}
