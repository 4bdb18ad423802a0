// SPDX-License-Identifier: Apache-2.0
import { type AuthorityKind, type AuthorityRecord, rotationSchedule } from "@mayfly/ca";
import type { AuthorityStatus, GetStatusResponse, Sent } from "@mayfly/rpc";
import { accountAlarms, type TaskState } from "@mayfly/tasks";
import { unixSeconds } from "../../clock.ts";
import type { CountingSigner } from "../../issuing/counting-signer.ts";
import type { RecentErrors } from "../../recent-errors.ts";
import type { SyncHub } from "../../sync/sync-hub.ts";
import { isSilent } from "../../tasks/ending/silence.ts";
import type { TaskLayer } from "../../tasks/task-layer.ts";
import type { LiveViews } from "../../views/live-views.ts";
import type { AuthorityOperations } from "../local-authority/local-authority-service.ts";

/** What the status is made of. */
export interface StatusDeps {
  readonly trustDomain: string;
  readonly version: string;
  readonly startedAt: Date;
  readonly views: LiveViews;
  readonly hub: SyncHub;
  readonly authorities: AuthorityOperations;
  readonly signer: CountingSigner;
  readonly recentErrors: RecentErrors;
  readonly taskLayer: TaskLayer;
}

function describe(
  record: AuthorityRecord,
  next: Pick<Sent<AuthorityStatus>, "next_step" | "next_step_at">,
): Sent<AuthorityStatus> {
  return {
    kind: record.kind,
    id: record.id,
    slot: record.slot,
    not_after: String(unixSeconds(record.notAfter)),
    tainted: record.tainted,
    ...next,
  };
}

async function authoritiesOf(deps: StatusDeps, kind: AuthorityKind): Promise<Sent<AuthorityStatus>[]> {
  const records = (await deps.authorities.list(kind)).filter(({ slot }) => slot !== "retired");
  const active = records.find(({ slot }) => slot === "active");
  const schedule = active && rotationSchedule(active);
  const isPrepared = records.some(({ slot }) => slot === "prepared");
  return records.map((record) => {
    if (schedule === undefined) return describe(record, {});
    if (record.slot === "prepared") {
      return describe(record, { next_step: "activate", next_step_at: String(unixSeconds(schedule.activateAt)) });
    }
    if (record.slot !== "active" || isPrepared) return describe(record, {});
    return describe(record, { next_step: "prepare", next_step_at: String(unixSeconds(schedule.prepareAt)) });
  });
}

/** The agent of a node that was evicted or banned will not be heard again. */
function silentGuards({ guards, views }: TaskLayer): number {
  const isExpected = (agent: string): boolean => (views.node(agent)?.serialNumber ?? "") !== "";
  const expected = [...guards.guards()].filter(({ id, kind }) => kind !== "agent" || isExpected(id));
  return expected.filter((guard) => isSilent(guard)).length;
}

async function taskStatus(layer: TaskLayer): Promise<Sent<Partial<GetStatusResponse>>> {
  const { live, endings, guards, writer, stores, clock } = layer;
  const counts: Partial<Record<TaskState, number>> = {};
  for (const { state } of live.all()) counts[state] = (counts[state] ?? 0) + 1;
  const accounts = await stores.accounts.list({});
  const now = clock.now();
  return {
    tasks_active: counts.active ?? 0,
    tasks_suspended: counts.suspended ?? 0,
    tasks_ending: counts.ending ?? 0,
    grants_stuck: endings.stuck.length,
    guards_connected: guards.connected,
    guards_silent: silentGuards(layer),
    approvals_pending: (await stores.approvals.list({ state: "pending" })).length,
    record_size: String(writer.size),
    record_healthy: writer.isHealthy,
    record_checkpoint: String(writer.checkpoint?.size ?? 0),
    leases_open: (await stores.leases.list({ states: ["issuing", "live", "revoking", "stuck"] })).length,
    accounts_unmanaged: accounts.filter((each) => accountAlarms(each, now).includes("UNOWNED")).length,
    tools_quarantined: (await stores.tools.list({ state: "quarantined" })).length,
  };
}

/** One screen about the server. */
export async function getStatus(deps: StatusDeps): Promise<Sent<GetStatusResponse>> {
  const { views, hub, recentErrors } = deps;
  const nodes = [...views.nodes];
  return {
    trust_domain: deps.trustDomain,
    version: deps.version,
    started_at: String(unixSeconds(deps.startedAt)),
    revision: String(views.revision),
    authorities: [...(await authoritiesOf(deps, "x509")), ...(await authoritiesOf(deps, "jwt"))],
    nodes: nodes.length,
    nodes_banned: nodes.filter(({ serialNumber }) => serialNumber === "").length,
    entries: views.index.size,
    svids_live: deps.signer.live,
    agents_connected: hub.connected,
    ...(await taskStatus(deps.taskLayer)),
    recent_errors: recentErrors.list().map(({ at, code, message }) => ({ at: String(unixSeconds(at)), code, message })),
  };
}
