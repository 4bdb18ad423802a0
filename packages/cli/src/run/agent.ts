// SPDX-License-Identifier: Apache-2.0
import { Command, Option } from "commander";
import { outputOf, withExample } from "../commands/command.ts";
import { plain, repeated } from "../values.ts";
import type { ConfigSources } from "./configuration.ts";
import { runUntilStopped } from "./lifetime.ts";
import { pathText, withLogging, withoutSecrets } from "./options.ts";
import { reloadFailure } from "./reload.ts";
import { socketPath } from "./socket-path.ts";

interface AgentOptions {
  readonly config?: string;
  readonly checkConfig?: boolean;
  readonly trustDomain?: string;
  readonly server?: readonly string[];
  readonly dataDir?: string;
  readonly socket?: string;
  readonly enrolment?: string;
  readonly trustBundle?: string;
  readonly insecureBootstrap?: boolean;
  readonly joinTokenFile?: string;
  readonly sync?: string;
  readonly logLevel?: string;
  readonly logFormat?: string;
}

function sourcesOf(options: AgentOptions): ConfigSources {
  return {
    file: options.config,
    variables: { SPIFFE_ENDPOINT_SOCKET: { key: "socket", read: socketPath } },
    options: {
      trust_domain: options.trustDomain,
      server: options.server,
      data_dir: options.dataDir,
      socket: options.socket,
      enrolment: options.enrolment,
      trust_bundle: options.trustBundle,
      insecure_bootstrap: options.insecureBootstrap,
      join_token_file: options.joinTokenFile,
      sync: options.sync,
      log_level: options.logLevel,
      log_format: options.logFormat,
    },
  };
}

async function run(options: AgentOptions, command: Command): Promise<void> {
  const { describeAgentConfig, parseAgentConfig, startAgent } = await import("@mayfly/agent");
  const { loadConfig, printConfig } = await import("./configuration.ts");
  const sources = sourcesOf(options);
  const config = loadConfig(sources, parseAgentConfig);
  if (options.checkConfig === true) return printConfig(describeAgentConfig(config), outputOf(command));
  await runUntilStopped(
    () => startAgent(config),
    (agent) => reloadFailure(() => agent.reload(loadConfig(sources, parseAgentConfig)), outputOf(command)),
  );
}

/** `mayfly agent run`. */
export function agentRun(): Command {
  const command = new Command("run")
    .description("run the agent until SIGTERM or SIGINT; SIGHUP reloads the log level and the trust bundle")
    .option("--trust-domain <name>", "trust domain of the server")
    .option("--server <address:port>", "the server; repeatable", repeated(plain))
    .option("--config <file>", "YAML file; MAYFLY_CONFIG names it, too")
    .option("--check-config", "print the effective configuration without secrets, and end")
    .option("--data-dir <dir>", "where its state lives", pathText)
    .option("--socket <path>", "Workload API socket", socketPath)
    .option("--enrolment <file>", "file with the enrolment string, - for standard input: needs nothing else", pathText)
    .option("--trust-bundle <file>", "PEM certificates that the server is trusted by", pathText)
    .option("--insecure-bootstrap", "trust whatever server answers first: for trying things out only")
    .option("--join-token-file <file>", "file with the join token, - for standard input", pathText)
    .addOption(new Option("--sync <how>", "how entries arrive (default: auto)").choices(["push", "poll", "auto"]));
  withLogging(command);
  return withExample(withoutSecrets(command), "mayfly agent run --enrolment /etc/mayfly/enrolment").action(run);
}
