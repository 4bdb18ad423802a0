// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { GetStatusResponse } from "@mayfly/rpc";
import { serverCommand } from "./command.ts";
import { printJson, printLine, printRecord, printTable, relative, type Segment, span, timestamp } from "../output.ts";

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
    tasks: { active: status.tasks_active, suspended: status.tasks_suspended, ending: status.tasks_ending },
    grants_stuck: status.grants_stuck,
    guards: { connected: status.guards_connected, silent: status.guards_silent },
    approvals_pending: status.approvals_pending,
    leases_open: status.leases_open,
    accounts_unmanaged: status.accounts_unmanaged,
    tools_quarantined: status.tools_quarantined,
    record: {
      size: Number(status.record_size),
      checkpoint: Number(status.record_checkpoint),
      healthy: status.record_healthy,
    },
    recent_errors: status.recent_errors.map((error) => ({ ...error, at: timestamp(error.at) ?? null })),
  };
}

/** What needs a person is red. */
function printTasks(status: GetStatusResponse): void {
  const alarm = (count: number, text: string): Segment[] =>
    count === 0 ? [] : [", ", [`${String(count)} ${text}`, "red"]];
  const line = (label: string, ...segments: Segment[]): void => printLine([label.padEnd(12), "dim"], "  ", ...segments);
  const { tasks_active: active, tasks_suspended: suspended, tasks_ending: ending, record_size: size } = status;
  const tasks = `${active} active, ${suspended} suspended, ${ending} ending`;
  line("Tasks", tasks, ...alarm(status.grants_stuck, "grants resist their end"));
  line("Guards", `${status.guards_connected} connected`, ...alarm(status.guards_silent, "silent"));
  line("Approvals", `${status.approvals_pending} pending`);
  line("Leases", `${status.leases_open} open`, ...alarm(status.accounts_unmanaged, "accounts that nobody owns"));
  if (status.tools_quarantined > 0) line("Tools", [`${status.tools_quarantined} in quarantine`, "red"]);
  const broken: Segment[] = status.record_healthy ? [] : [", ", ["can't be written", "red"]];
  line("Record", `${size} records, checkpoint at ${status.record_checkpoint}`, ...broken);
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
  printTasks(status);
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
  const command = new Command("status").description(
    "one screen: authorities, nodes, entries, SVIDs, tasks and what they hold, the record, last errors",
  );
  return serverCommand(command, "mayfly status", async (server, { format }) => {
    const status = await server.call("admin", "GetStatus", {}, { timeoutMs: 5_000 });
    if (format === "json") printJson(statusJson(status));
    else printStatus(status);
  });
}
