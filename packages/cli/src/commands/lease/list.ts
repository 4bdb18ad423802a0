// SPDX-License-Identifier: Apache-2.0
import { Command, Option } from "commander";
import type { LeaseMessage, UnmanagedAccountMessage } from "@mayfly/rpc";
import type { ServerConnection } from "../../connection.ts";
import { instantText } from "../../instants.ts";
import { printJson, printLine, printTable } from "../../output.ts";
import { operatorCommand } from "../operator-command.ts";
import { pagesOf } from "../pages.ts";
import { leaseJson, unmanagedJson } from "./print.ts";

/** Leases, and accounts that no lease explains. */
export interface FoundLeases {
  readonly leases: readonly LeaseMessage[];
  readonly unmanaged: readonly UnmanagedAccountMessage[];
}

/** Every lease that fits the filter, and every account that no lease explains. */
export async function allLeases(
  server: ServerConnection,
  { task_id = "", state = "" }: { readonly task_id?: string; readonly state?: string } = {},
): Promise<FoundLeases> {
  const [leases, unmanaged]: [LeaseMessage[], UnmanagedAccountMessage[]] = [[], []];
  for await (const page of pagesOf((asked) => server.call("leases", "ListLeases", { task_id, state, ...asked }))) {
    leases.push(...page.leases);
    unmanaged.push(...page.unmanaged);
  }
  return { leases, unmanaged };
}

interface ListOptions {
  readonly task?: string;
  readonly state?: string;
}

/** `mayfly lease list`: leases, and accounts at the back-ends that no lease explains. */
export function leaseList(): Command {
  const states = ["issuing", "live", "revoking", "stuck", "gone"];
  const command = new Command("list")
    .description("list leases of accounts, and accounts that no lease explains")
    .option("--task <task-id>", "of this task")
    .addOption(new Option("--state <state>", "in this state").choices(states));
  return operatorCommand<ListOptions>(
    command,
    "mayfly lease list --state stuck",
    async (server, { options, format }) => {
      const { task = "", state = "" } = options;
      const { leases, unmanaged } = await allLeases(server, { task_id: task, state });
      if (format === "json")
        return printJson({ leases: leases.map(leaseJson), unmanaged: unmanaged.map(unmanagedJson) });
      printTable(
        ["LEASE", "TASK", "TARGET", "ACCOUNT", "MODE", "STATE", "ENDS", "PROBLEM"],
        leases.map((each) => [
          each.id,
          each.task_id,
          each.target,
          each.account,
          each.mode,
          each.state,
          instantText(each.not_after_ms),
          each.problem,
        ]),
      );
      if (unmanaged.length === 0) return;
      printLine("");
      printTable(
        ["UNMANAGED", "TARGET", "CAN LOG IN", "LEGACY", "LAST ACTIVITY"],
        unmanaged.map((each) => [
          each.account,
          each.target,
          each.can_login ? "yes" : "no",
          each.legacy ? "yes" : "no",
          instantText(each.last_activity_ms) || "not known",
        ]),
      );
    },
  );
}
