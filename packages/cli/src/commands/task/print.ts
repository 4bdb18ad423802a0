// SPDX-License-Identifier: Apache-2.0
import type { GrantMessage, TaskMessage } from "@mayfly/rpc";
import { instantJson, instantText } from "../../instants.ts";
import { printRecord, printTable } from "../../output.ts";

/** Stable JSON form of a task; its scope is the document that the server holds. */
export function taskJson(task: TaskMessage): Record<string, unknown> {
  return {
    id: task.id,
    parent_id: task.parent_id === "" ? null : task.parent_id,
    root_id: task.root_id,
    depth: task.depth,
    agent: task.agent,
    owner: task.owner,
    requested_by: task.requested_by,
    tier: task.tier,
    state: task.state,
    reason: task.reason === "" ? null : task.reason,
    created_at: instantJson(task.created_at_ms),
    not_after: instantJson(task.not_after_ms),
    revision: Number(task.revision),
    spiffe_id: task.spiffe_id,
    entry_id: task.entry_id,
    scope: JSON.parse(task.scope_json) as unknown,
  };
}

/** Stable JSON form of a grant. */
export function grantJson(grant: GrantMessage): Record<string, unknown> {
  return {
    id: grant.id,
    task_id: grant.task_id,
    kind: grant.kind,
    guard: grant.guard,
    ref: grant.ref,
    not_after: instantJson(grant.not_after_ms),
    state: grant.state,
    ended_at: instantJson(grant.ended_at_ms),
    evidence: grant.evidence_json === "" ? null : (JSON.parse(grant.evidence_json) as unknown),
  };
}

/** How a grant's end was proven, in a few words: `entry-withdrawn (agents_acknowledged 1)`. */
export function evidenceText(grant: GrantMessage): string {
  if (grant.evidence_json === "") return "";
  const { method = "", detail = {} } = JSON.parse(grant.evidence_json) as {
    readonly method?: string;
    readonly detail?: Readonly<Record<string, unknown>>;
  };
  const facts = Object.entries(detail).map(([name, value]) => `${name} ${String(value)}`);
  return facts.length === 0 ? method : `${method} (${facts.join(", ")})`;
}

/** `active`, `ended (revoked)`. */
export function stateText({ state, reason }: TaskMessage): string {
  return reason === "" ? state : `${state} (${reason})`;
}

/** What a tool may be called for, one a line: `orders/orders.refund  irreversible  amount max 100`. */
export function scopeLines(scopeJson: string): string[] {
  const { tools = [] } = JSON.parse(scopeJson) as { readonly tools?: readonly Readonly<Record<string, unknown>>[] };
  return tools.map(({ server, tool, effect, ...limits }) => {
    const rest = Object.entries(limits).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
    return [`${String(server)}/${String(tool)}`, String(effect), ...rest].join("  ");
  });
}

/** A task for people, every field, and what else there is to say about it. */
export function printTask(task: TaskMessage, more: readonly (readonly [label: string, value: string])[] = []): void {
  printRecord([
    ["Task", task.id],
    ["State", stateText(task)],
    ["Agent", task.agent],
    ["Owner", task.owner],
    ["Requested by", task.requested_by],
    ["Tier", task.tier],
    ["Parent", task.parent_id],
    ["SPIFFE ID", task.spiffe_id],
    ["Started", instantText(task.created_at_ms)],
    ["Ends", instantText(task.not_after_ms)],
    ...scopeLines(task.scope_json).map((line, index): [string, string] => [index === 0 ? "Scope" : "", line]),
    ...more,
  ]);
}

/** Grants as a table. */
export function printGrants(grants: readonly GrantMessage[]): void {
  printTable(
    ["GRANT", "TASK", "KIND", "STATE", "GUARD", "ENDS", "EVIDENCE"],
    grants.map((each) => [
      each.id,
      each.task_id,
      each.kind,
      each.state,
      each.guard,
      instantText(each.not_after_ms),
      evidenceText(each),
    ]),
  );
}
