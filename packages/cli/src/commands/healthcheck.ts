// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { GetAgentStatusResponse, HealthCheckResponse } from "@mayfly/rpc";
import { connectWorkload, outputOf, serverCommand, socketOption, withConnection, type Connection } from "../connect.ts";
import { CliFailure } from "../failure.ts";
import { printJson, printLine, relative, type OutputFormat } from "../output.ts";

interface HealthOptions {
  readonly verbose?: boolean;
}

type Checks = readonly (readonly [name: string, ok: boolean, detail: string])[];

async function serving(connection: Connection): Promise<Checks[number]> {
  const { status } = await connection.call<HealthCheckResponse>("health", "Check", { service: "" });
  return ["ready", status === "SERVING", String(status).toLowerCase()];
}

function conclude(who: string, checks: Checks, options: HealthOptions, format: OutputFormat): void {
  const healthy = checks.every(([, ok]) => ok);
  if (format === "json") printJson({ healthy, checks: checks.map(([name, ok, detail]) => ({ name, ok, detail })) });
  else if (options.verbose === true)
    for (const [name, ok, detail] of checks) printLine(`${ok ? "ok  " : "FAIL"}  ${name}: ${detail}`);
  else printLine(`${who} is ${healthy ? "healthy" : "not ready"}`);
  if (healthy) return;
  const bad = checks.filter(([, ok]) => !ok).map(([name, , detail]) => `${name}: ${detail}`);
  throw new CliFailure("NOT_READY", `the ${who} is not ready (${bad.join("; ")})`, {
    hint: "`--verbose` lists each check; the log says more",
  });
}

/** `mayfly server healthcheck`. */
export function serverHealthcheck(): Command {
  const command = new Command("healthcheck")
    .description("exit 0 when the server is ready")
    .option("--verbose", "list each check");
  return serverCommand<HealthOptions>(
    command,
    "mayfly server healthcheck --verbose",
    async (server, options, format) => {
      conclude("server", [await serving(server)], options, format);
    },
  );
}

/** `mayfly agent healthcheck`. */
export function agentHealthcheck(): Command {
  return new Command("healthcheck")
    .description("exit 0 when the agent is ready")
    .option("--verbose", "list each check")
    .addOption(socketOption())
    .addHelpText("after", "\nExample:\n  mayfly agent healthcheck --verbose")
    .action(async (options: HealthOptions & { socket: string }, command: Command) => {
      const checks = await withConnection(connectWorkload(options.socket), async (agent): Promise<Checks> => {
        const ready = await serving(agent);
        const status = await agent.call<GetAgentStatusResponse>("introspection", "GetAgentStatus", {});
        return [
          ready,
          [
            "attested",
            status.agent_id !== "",
            status.agent_id === ""
              ? status.last_error
              : `${status.agent_id}, SVID ends ${relative(status.svid_expires_at)}`,
          ],
          ["synced", status.synced, `${status.entries} entries, revision ${status.revision}, ${status.sync_mode}`],
          ["connected", status.connected, status.connected ? "to the server" : status.last_error],
        ];
      });
      conclude("agent", checks, options, outputOf(command));
    });
}
