// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { GetStatusResponse } from "@mayfly/rpc";
import { serverCommand } from "./command.ts";
import { printJson, printLine, printRecord, printTable, relative, span, timestamp } from "../output.ts";

function statusJson(status: GetStatusResponse): Record<string, unknown> {
  return {
    trust_domain: status.trust_domain,
    version: status.version,
    started_at: timestamp(status.started_at),
    revision: Number(status.revision),
    authorities: status.authorities.map((authority) => ({
      ...authority,
      not_after: timestamp(authority.not_after) ?? null,
      next_step_at: timestamp(authority.next_step_at) ?? null,
    })),
    nodes: status.nodes,
    nodes_banned: status.nodes_banned,
    entries: status.entries,
    svids_live: status.svids_live,
    agents_connected: status.agents_connected,
    recent_errors: status.recent_errors.map((error) => ({ ...error, at: timestamp(error.at) ?? null })),
  };
}

function printStatus(status: GetStatusResponse): void {
  printRecord([
    ["Trust domain", status.trust_domain],
    ["Version", status.version],
    ["Up", span(Date.now() / 1000 - Number(status.started_at))],
    ["Nodes", `${status.nodes} (${status.nodes_banned} banned, ${status.agents_connected} connected)`],
    ["Entries", `${status.entries} (revision ${status.revision})`],
    ["SVIDs out", String(status.svids_live)],
  ]);
  printLine("");
  printTable(
    ["AUTHORITY", "SLOT", "ID", "ENDS", "NEXT STEP"],
    status.authorities.map((authority) => [
      authority.kind,
      authority.tainted ? `${authority.slot}, tainted` : authority.slot,
      authority.id,
      relative(authority.not_after),
      authority.next_step === "" ? "" : `${authority.next_step} ${relative(authority.next_step_at)}`,
    ]),
  );
  if (status.recent_errors.length === 0) return;
  printLine("");
  printTable(
    ["LAST ERRORS", "CODE", "MESSAGE"],
    status.recent_errors.map((error) => [relative(error.at), error.code, error.message]),
  );
}

/** `mayfly status`: one screen. */
export function statusCommand(): Command {
  const command = new Command("status").description("one screen: authorities, nodes, entries, SVIDs, last errors");
  return serverCommand(command, "mayfly status", async (server, { format }) => {
    const status = await server.call("admin", "GetStatus", {}, { timeoutMs: 5_000 });
    if (format === "json") printJson(statusJson(status));
    else printStatus(status);
  });
}
