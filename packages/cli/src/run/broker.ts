// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { outputOf, withExample } from "../commands/command.ts";
import type { ConfigSources } from "./configuration.ts";
import { runUntilStopped } from "./lifetime.ts";
import { withLogging } from "./options.ts";
import { reloadFailure } from "./reload.ts";
import { socketPath } from "./socket-path.ts";

interface BrokerOptions {
  readonly config?: string;
  readonly checkConfig?: boolean;
  readonly trustDomain?: string;
  readonly server?: string;
  readonly listen?: string;
  readonly socket?: string;
  readonly logLevel?: string;
  readonly logFormat?: string;
}

function sourcesOf(options: BrokerOptions): ConfigSources {
  return {
    file: options.config,
    variables: { SPIFFE_ENDPOINT_SOCKET: { key: "workload_socket", read: socketPath } },
    options: {
      trust_domain: options.trustDomain,
      server: options.server,
      listen: options.listen,
      workload_socket: options.socket,
      log_level: options.logLevel,
      log_format: options.logFormat,
    },
  };
}

async function run(options: BrokerOptions, command: Command): Promise<void> {
  const { loadConfig, printConfig } = await import("./configuration.ts");
  const { parseBrokerConfig } = await import("./broker/broker-config.ts");
  const sources = sourcesOf(options);
  const config = loadConfig(sources, parseBrokerConfig);
  if (options.checkConfig === true) {
    const { describeBrokerConfig } = await import("./broker/describe-broker-config.ts");
    return printConfig(describeBrokerConfig(config), outputOf(command));
  }
  const { startConfigured } = await import("./broker/start-configured.ts");
  // Passwords are read anew by each connection; the rest takes a restart, and a mistake is told before it.
  await runUntilStopped(
    () => startConfigured(config),
    () => reloadFailure(() => void loadConfig(sources, parseBrokerConfig), outputOf(command)),
  );
}

/** `mayfly broker run`. */
export function brokerRun(): Command {
  const command = new Command("run")
    .description("run the broker until SIGTERM or SIGINT; leases end with it. SIGHUP checks the configuration")
    .option("--config <file>", "YAML file, with the databases; MAYFLY_CONFIG names it, too")
    .option("--check-config", "print the effective configuration without secrets, and end")
    .option("--trust-domain <name>", "trust domain of the server")
    .option("--server <host:port>", "the server")
    .option("--listen <host:port>", "where tool servers reach it (default: 127.0.0.1:8444)")
    .option("--socket <path>", "Workload API socket that its identity comes from", socketPath);
  withLogging(command);
  return withExample(command, "mayfly broker run --config broker.yaml").action(run);
}
