// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import type { ReportLeaseRequest, ReportUnmanagedRequest } from "@mayfly/rpc";
import type { Lease, LeaseReport } from "@mayfly/tasks";
import { invalidArgument, notFound } from "../../rpc/wire/refusal.ts";
import { tellAlarms } from "../accounts/tell-alarms.ts";
import { parseEvidence } from "../evidence.ts";
import { recordText } from "../record/recorder.ts";
import { taskRefusal } from "../refusal.ts";
import type { TaskLayer } from "../task-layer.ts";

/** Accounts that are kept, of one target and of all. */
const maxAccounts = 10_000;
const maxAllAccounts = 50_000;

/** What became of a lease, by the broker that holds it. @throws {StatusError} INVALID_ARGUMENT, NOT_FOUND @throws {TaskError} ILLEGAL_GRANT_STEP */
export async function reportLease(layer: TaskLayer, broker: string, request: ReportLeaseRequest): Promise<Lease> {
  const { leases, grants } = layer.stores;
  const known = await leases.get(request.id);
  if (known === undefined || known.guard !== broker) throw notFound("there is no such lease of this broker");
  const report = toReport(layer, broker, request);
  const lease = await leases.report(request.id, report);
  if (lease.state === "gone" && known.state !== "gone") {
    const grant = await grants.get(lease.id);
    if (grant !== undefined) layer.endings.proven(grant);
  } else if (lease.state !== known.state) {
    await layer.recorder.note({
      kind: "lease",
      actor: broker,
      task: lease.taskId,
      lease: lease.id,
      body: { act: "report", state: lease.state, problem: lease.problem ?? "" },
    });
  }
  if (report.state === "stuck" && known.state !== "stuck") {
    layer.logger.error("lease_stuck", { lease: lease.id, task: lease.taskId, problem: lease.problem });
  }
  layer.endings.look();
  return lease;
}

function toReport({ clock }: TaskLayer, by: string, request: ReportLeaseRequest): LeaseReport {
  const { state, problem, evidence_json: json } = request;
  if (state === "live" || state === "revoking") return { state };
  if (state === "stuck") return { state, problem: recordText(problem) || "no reason was given" };
  const evidence = state === "gone" ? parseEvidence(json, { by, now: clock.now() }) : undefined;
  if (state === "gone" && evidence !== undefined) return { state, evidence };
  throw invalidArgument("expected a state of live, revoking, stuck, or gone with its evidence");
}

/** The accounts of a target that no lease owns. @throws {StatusError} INVALID_ARGUMENT; RESOURCE_EXHAUSTED, code TOO_MANY_ACCOUNTS */
export async function reportUnmanaged(
  layer: TaskLayer,
  broker: string,
  request: ReportUnmanagedRequest,
): Promise<void> {
  const { target, accounts } = request;
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(target)) throw invalidArgument("malformed name of a target");
  const others = (await layer.stores.leases.unmanaged()).filter((each) => each.target !== target).length;
  if (accounts.length > maxAccounts || others + accounts.length > maxAllAccounts) throw tooManyAccounts(target);
  const before = await layer.stores.accounts.list({ target });
  const known = new Set(before.map(({ account }) => account));
  await layer.stores.leases.reportUnmanaged(
    target,
    accounts.map((each) => ({
      account: recordText(each.account).slice(0, 256),
      ...(each.last_activity_ms !== "0" && { lastActivityAt: new Date(Number(each.last_activity_ms)) }),
      canLogIn: each.can_login,
      isLegacy: each.legacy,
    })),
    layer.clock.now(),
  );
  await tellAlarms(layer, broker, { before, after: await layer.stores.accounts.list({ target }) });
  const fresh = accounts.filter(({ account, legacy }) => !legacy && !known.has(account)).map(({ account }) => account);
  if (fresh.length === 0) return;
  layer.logger.warn("unmanaged_accounts", { target, accounts: fresh.join(" ").slice(0, 1000) });
  await layer.recorder.note({
    kind: "lease",
    actor: broker,
    body: { act: "unmanaged", target, accounts: fresh.slice(0, 100).map(recordText), count: fresh.length },
  });
}

function tooManyAccounts(target: string): Error {
  const most = `${String(maxAccounts)} of one target, ${String(maxAllAccounts)} of all`;
  return taskRefusal(status.RESOURCE_EXHAUSTED, {
    code: "TOO_MANY_ACCOUNTS",
    message: `target ${target} has more accounts that no lease explains than are kept: ${most}`,
    hint: "delete what nobody needs at the target",
  });
}
