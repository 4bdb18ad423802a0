// SPDX-License-Identifier: Apache-2.0
import type { AccountMessage, LeaseMessage, OperatorMessage, ProfileMessage, TaskMessage } from "@mayfly/rpc";
import { instantJson } from "../../instants.ts";
import { accountJson } from "../account/print.ts";
import type { Observations } from "./observations.ts";

/** What is registered, and what was seen. */
export interface Sources {
  readonly profiles: readonly ProfileMessage[];
  readonly operators: readonly OperatorMessage[];
  readonly tasks: readonly TaskMessage[];
  readonly leases: readonly LeaseMessage[];
  readonly accounts: readonly AccountMessage[];
  readonly seen: Observations;
}

/** One agent of the inventory. */
interface InventoryAgent {
  readonly name: string;
  /** `registered` in the register and seen · `never-used` in it and never seen · `unregistered` seen and not in it. */
  readonly standing: "registered" | "never-used" | "unregistered";
  readonly state: string | null;
  readonly owner: string | null;
  readonly owner_active: boolean;
  readonly tier: string | null;
  readonly expires_at: string | null;
  readonly open_tasks: number;
  readonly identities_issued: number;
  readonly last_seen: string | null;
  /** Tools of the ceiling, `server/tool`, that no call was ever let through to. */
  readonly granted_never_used: readonly string[];
  readonly used: readonly { readonly tool: string; readonly calls: number; readonly last_at: string }[];
}

/** The whole of it. */
export interface Inventory {
  readonly agents: readonly InventoryAgent[];
  readonly leases: { readonly open: number; readonly stuck: number; readonly gone: number };
  readonly unmanaged_accounts: readonly Readonly<Record<string, unknown>>[];
  readonly refused_callers: readonly { readonly caller: string; readonly refusals: number; readonly last_at: string }[];
  /** Operators who answer for an agent or task, and are not active. */
  readonly absent_owners: readonly string[];
}

function grantedTools(ceilingJson: string): string[] {
  const { tools = [] } = JSON.parse(ceilingJson) as {
    readonly tools?: readonly { readonly server: string; readonly tool: string }[];
  };
  return tools.map(({ server, tool }) => `${server}/${tool}`);
}

function isOpen({ state }: TaskMessage): boolean {
  return state !== "ended";
}

function agentOf(name: string, sources: Sources, active: ReadonlySet<string>): InventoryAgent {
  const profile = sources.profiles.find((each) => each.name === name);
  const seen = sources.seen.agents.get(name);
  const used = [...(seen?.tools ?? [])].map(([tool, { count, lastAt }]) => ({ tool, calls: count, last_at: lastAt }));
  const granted = profile === undefined ? [] : grantedTools(profile.ceiling_json);
  return {
    name,
    standing: profile === undefined ? "unregistered" : seen === undefined ? "never-used" : "registered",
    state: profile?.state ?? null,
    owner: profile?.owner ?? null,
    owner_active: profile !== undefined && active.has(profile.owner),
    tier: profile?.tier ?? null,
    expires_at: profile === undefined ? null : instantJson(profile.expires_at_ms),
    open_tasks: sources.tasks.filter((task) => task.agent === name && isOpen(task)).length,
    identities_issued: seen?.identities ?? 0,
    last_seen: seen?.lastAt ?? null,
    granted_never_used: granted.filter((tool) => seen?.tools.has(tool) !== true),
    used,
  };
}

/** Sets what is registered beside what was seen. */
export function compare(sources: Sources): Inventory {
  const { profiles, operators, tasks, leases, accounts, seen } = sources;
  const active = new Set(
    operators.filter(({ state }) => state === "active").flatMap(({ name, aliases }) => [name, ...aliases]),
  );
  const names = new Set([...profiles, ...tasks.map(({ agent }) => ({ name: agent }))].map(({ name }) => name));
  for (const name of seen.agents.keys()) names.add(name);
  const owners = [...profiles.filter(({ state }) => state !== "retired"), ...tasks.filter(isOpen)].map(
    ({ owner }) => owner,
  );
  const stuck = leases.filter(({ state }) => state === "stuck").length;
  const gone = leases.filter(({ state }) => state === "gone").length;
  return {
    agents: [...names].toSorted().map((name) => agentOf(name, sources, active)),
    leases: { open: leases.length - gone, stuck, gone },
    unmanaged_accounts: accounts.map(accountJson),
    refused_callers: [...seen.refused].map(([caller, { count, lastAt }]) => ({
      caller,
      refusals: count,
      last_at: lastAt,
    })),
    absent_owners: [...new Set(owners.filter((name) => !active.has(name)))].toSorted(),
  };
}
