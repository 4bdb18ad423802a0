// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { AccountMessage } from "@mayfly/rpc";
import type { ServerConnection } from "../../connection.ts";
import { CliFailure } from "../../failure.ts";
import { relative, printJson, printLine, printTable } from "../../output.ts";
import { allAccounts } from "../account/list.ts";
import { printAccounts } from "../account/print.ts";
import { allProfiles } from "../agent-profile/list.ts";
import { allLeases } from "../lease/list.ts";
import { exportRecords } from "../log/records.ts";
import { allOperators } from "../operator/list.ts";
import { operatorCommand } from "../operator-command.ts";
import { allTasks } from "../task/list.ts";
import { compare, type Inventory } from "./compare.ts";
import { Observations } from "./observations.ts";

function ago(at: string | null): string {
  return at === null ? "never" : relative(Date.parse(at) / 1000);
}

function printAgents({ agents }: Inventory): void {
  printTable(
    ["AGENT", "STANDING", "STATE", "OWNER", "TIER", "EXPIRES", "TASKS", "IDENTITIES", "LAST SEEN"],
    agents.map((each) => [
      each.name,
      each.standing,
      each.state ?? "",
      each.owner === null ? "nobody" : each.owner_active ? each.owner : `${each.owner} (not active)`,
      each.tier ?? "",
      each.expires_at === null ? "" : ago(each.expires_at),
      String(each.open_tasks),
      String(each.identities_issued),
      ago(each.last_seen),
    ]),
  );
  const idle = agents.filter(({ granted_never_used: tools }) => tools.length > 0);
  if (idle.length === 0) return;
  printLine("");
  printTable(
    ["AGENT", "GRANTED AND NEVER USED"],
    idle.map(({ name, granted_never_used: tools }) => [name, tools.join(" ")]),
  );
}

function printOthers(
  { leases, refused_callers, absent_owners }: Inventory,
  unmanaged: readonly AccountMessage[],
): void {
  printLine("");
  printLine(`leases: ${String(leases.open)} open, ${String(leases.stuck)} of them stuck, ${String(leases.gone)} gone`);
  if (unmanaged.length > 0) {
    printLine("");
    printAccounts(unmanaged);
    printLine("");
  }
  for (const { caller, refusals, last_at } of refused_callers)
    printLine(`refused ${refusals === 1 ? "once" : `${String(refusals)} times`}, last ${ago(last_at)}: ${caller}`);
  for (const owner of absent_owners) printLine(["owner who is not active", "red"], `: ${owner}`);
}

/** Accounts are shown to whoever administers all agents; to others there are none. */
async function visibleAccounts(server: ServerConnection): Promise<readonly AccountMessage[]> {
  try {
    return await allAccounts(server);
  } catch (error) {
    if (error instanceof CliFailure && error.code === "NOT_ALLOWED") return [];
    throw error;
  }
}

/** `mayfly inventory`: registered ∪ observed: who answers for it, when it was last used, what was granted and never used. */
export function inventoryCommand(): Command {
  const command = new Command("inventory").description(
    "agents, leases and accounts: what is registered and what was seen, owners, last use, what was never used",
  );
  return operatorCommand(command, "mayfly inventory", async (server, { format }) => {
    const seen = new Observations();
    for await (const { record } of exportRecords(server)) seen.add(record);
    const [profiles, operators] = [await allProfiles(server), await allOperators(server)];
    const [leases, tasks] = [await allLeases(server), await allTasks(server, {})];
    const accounts = await visibleAccounts(server);
    const inventory = compare({ profiles, operators, tasks, leases: leases.leases, accounts, seen });
    if (format === "json") return printJson(inventory);
    printAgents(inventory);
    printOthers(inventory, accounts);
  });
}
