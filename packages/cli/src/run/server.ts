// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { outputOf, withExample } from "../commands/command.ts";
import type { ConfigSources } from "./configuration.ts";
import { runUntilStopped } from "./lifetime.ts";
import { pathText, withDuration, withLogging, withoutSecrets } from "./options.ts";
import { reloadFailure } from "./reload.ts";

interface ServerOptions {
  readonly config?: string;
  readonly checkConfig?: boolean;
  readonly trustDomain?: string;
  readonly bind?: string;
  readonly dataDir?: string;
  readonly serverSocket?: string;
  readonly x509SvidTtl?: string;
  readonly jwtSvidTtl?: string;
  readonly agentSvidTtl?: string;
  readonly caTtl?: string;
  readonly logLevel?: string;
  readonly logFormat?: string;
}

function sourcesOf(options: ServerOptions): ConfigSources {
  return {
    file: options.config,
    variables: {
      MAYFLY_SERVER_SOCKET: { key: "server_socket" },
      MAYFLY_KEY_ENCRYPTION_KEY_FILE: { key: "key_encryption_key_file" },
    },
    options: {
      trust_domain: options.trustDomain,
      bind: options.bind,
      data_dir: options.dataDir,
      server_socket: options.serverSocket,
      x509_svid_ttl: options.x509SvidTtl,
      jwt_svid_ttl: options.jwtSvidTtl,
      agent_svid_ttl: options.agentSvidTtl,
      ca_ttl: options.caTtl,
      log_level: options.logLevel,
      log_format: options.logFormat,
    },
  };
}

async function run(options: ServerOptions, command: Command): Promise<void> {
  const { describeServerConfig, parseServerConfig, startServer } = await import("@mayfly/server");
  const { loadConfig, printConfig } = await import("./configuration.ts");
  const sources = sourcesOf(options);
  const config = loadConfig(sources, parseServerConfig);
  if (options.checkConfig === true) return printConfig(describeServerConfig(config), outputOf(command));
  await runUntilStopped(
    () => startServer(config),
    (server) => reloadFailure(() => server.reload(loadConfig(sources, parseServerConfig)), outputOf(command)),
  );
}

/** `mayfly server run`. */
export function serverRun(): Command {
  const command = new Command("run")
    .description("run the server until SIGTERM or SIGINT; SIGHUP reloads the log level")
    .option("--trust-domain <name>", "the trust domain that it serves")
    .option("--config <file>", "YAML file; MAYFLY_CONFIG names it, too")
    .option("--check-config", "print the effective configuration without secrets, and end")
    .option("--data-dir <dir>", "where its state lives", pathText)
    .option("--bind <address:port>", "where agents reach it (default: 0.0.0.0:8081)")
    .option("--server-socket <path>", "admin socket", pathText);
  withDuration(command, "--x509-svid-ttl", "lifetime of X.509-SVIDs (default: 10m)");
  withDuration(command, "--jwt-svid-ttl", "lifetime of JWT-SVIDs (default: 5m)");
  withDuration(command, "--agent-svid-ttl", "lifetime of agents' SVIDs (default: 1h)");
  withDuration(command, "--ca-ttl", "lifetime of an authority (default: 24h)");
  withLogging(command);
  return withExample(withoutSecrets(command), "mayfly server run --trust-domain example.org").action(run);
}
