// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { Connection, ServerConnection } from "../connection.ts";
import { connectWorkload, withConnection } from "../connect.ts";
import { CliFailure } from "../failure.ts";
import { interruptSignal } from "../interrupt.ts";
import { type OutputFormat, printJson, printLine, relative } from "../output.ts";
import { outputOf, serverCommand, socketOption, withExample } from "./command.ts";

/** Who asks whether somebody is well does not wait long. */
const probe = { timeoutMs: 5_000 } as const;

interface HealthOptions {
  readonly verbose?: boolean;
}

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

async function serving(connection: Connection): Promise<Check> {
  const { status } = await connection.call("health", "Check", { service: "" }, probe);
  return { name: "ready", ok: status === "SERVING", detail: String(status).toLowerCase() };
}

async function serverChecks(server: ServerConnection): Promise<Check[]> {
  const ready = await serving(server);
  const status = await server.call("admin", "GetStatus", {}, probe);
  const authorities = ["x509", "jwt"].map((kind): Check => {
    const active = status.authorities.find((each) => each.kind === kind && each.slot === "active");
    const ok = active !== undefined && Number(active.not_after) * 1000 > Date.now();
    const detail = active === undefined ? "no active authority" : `active authority ends ${relative(active.not_after)}`;
    return { name: `${kind} authority`, ok, detail };
  });
  return [ready, ...authorities, { name: "datastore", ok: true, detail: `revision ${status.revision}` }];
}

async function agentChecks(agent: Connection): Promise<Check[]> {
  const ready = await serving(agent);
  const status = await agent.call("introspection", "GetAgentStatus", {}, probe);
  const attested =
    status.agent_id === "" ? status.last_error : `${status.agent_id}, SVID ends ${relative(status.svid_expires_at)}`;
  const synced = `${status.entries} entries, revision ${status.revision}, ${status.sync_mode}`;
  return [
    ready,
    { name: "attested", ok: status.agent_id !== "", detail: attested },
    { name: "synced", ok: status.synced, detail: synced },
    { name: "connected", ok: status.connected, detail: status.connected ? "to the server" : status.last_error },
  ];
}

function printChecks(who: string, checks: readonly Check[], verbose: boolean): void {
  const healthy = checks.every(({ ok }) => ok);
  if (!verbose) return printLine(`${who} is ${healthy ? "healthy" : "not ready"}`);
  for (const { name, ok, detail } of checks)
    printLine(ok ? ["ok  ", "green"] : ["FAIL", "red"], `  ${name}: ${detail}`);
}

function conclude(who: string, checks: readonly Check[], options: HealthOptions, format: OutputFormat): void {
  // A lost connection is no reason to restart an agent: it serves what it holds.
  const bad = checks.filter(({ name, ok }) => !ok && name !== "connected");
  if (format === "json") printJson({ healthy: bad.length === 0, checks });
  else printChecks(who, checks, options.verbose === true);
  if (bad.length === 0) return;
  const reasons = bad.map(({ name, detail }) => (detail === "" ? name : `${name}: ${detail}`)).join("; ");
  throw new CliFailure("NOT_READY", `the ${who} is not ready (${reasons})`, {
    hint: "`--verbose` lists each check; the log says more",
  });
}

/** `mayfly server healthcheck`. */
export function serverHealthcheck(): Command {
  const command = new Command("healthcheck")
    .description("exit 0 when the server is ready")
    .option("--verbose", "list each check");
  const example = "mayfly server healthcheck --verbose";
  return serverCommand<HealthOptions>(command, example, async (server, { options, format }) => {
    conclude("server", await serverChecks(server), options, format);
  });
}

/** `mayfly agent healthcheck`. */
export function agentHealthcheck(): Command {
  const command = new Command("healthcheck")
    .description("exit 0 when the agent is ready")
    .option("--verbose", "list each check")
    .addOption(socketOption());
  return withExample(command, "mayfly agent healthcheck --verbose").action(
    async (options: HealthOptions & { socket: string }, self: Command) => {
      const checks = await withConnection(connectWorkload(options.socket, interruptSignal()), agentChecks);
      conclude("agent", checks, options, outputOf(self));
    },
  );
}
