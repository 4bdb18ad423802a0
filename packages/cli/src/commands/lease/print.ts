// SPDX-License-Identifier: Apache-2.0
import type { LeaseMessage, UnmanagedAccountMessage } from "@mayfly/rpc";
import { instantJson, instantText } from "../../instants.ts";
import { printRecord } from "../../output.ts";

/** Stable JSON form of a lease. There is no secret in it. */
export function leaseJson(lease: LeaseMessage): Record<string, unknown> {
  return {
    id: lease.id,
    task_id: lease.task_id,
    call_id: lease.call_id,
    target: lease.target,
    mode: lease.mode,
    state: lease.state,
    account: lease.account,
    holder: lease.holder,
    created_at: instantJson(lease.created_at_ms),
    not_after: instantJson(lease.not_after_ms),
    evidence: lease.evidence_json === "" ? null : (JSON.parse(lease.evidence_json) as unknown),
    problem: lease.problem === "" ? null : lease.problem,
  };
}

/** Stable JSON form of an account that no lease explains. */
export function unmanagedJson(account: UnmanagedAccountMessage): Record<string, unknown> {
  const { target, can_login, legacy, last_activity_ms } = account;
  return { target, account: account.account, can_login, legacy, last_activity: instantJson(last_activity_ms) };
}

/** A lease for people, every field. */
export function printLease(lease: LeaseMessage): void {
  printRecord([
    ["Lease", lease.id],
    ["State", lease.state],
    ["Task", lease.task_id],
    ["Call", lease.call_id],
    ["Target", lease.target],
    ["Account", lease.account],
    ["Mode", lease.mode],
    ["Holder", lease.holder],
    ["Begun", instantText(lease.created_at_ms)],
    ["Ends", instantText(lease.not_after_ms)],
    ["Evidence", lease.evidence_json],
    ["Problem", lease.problem],
  ]);
}
