// SPDX-License-Identifier: Apache-2.0
import * as accountReads from "./accounts/account-reads.ts";
import * as accountWrites from "./accounts/account-writes.ts";
import * as approvalReads from "./approvals/approval-reads.ts";
import * as approvalWrites from "./approvals/approval-writes.ts";
import * as authorityReads from "./authorities/authority-reads.ts";
import * as authorityWrites from "./authorities/authority-writes.ts";
import * as budgetReads from "./budgets/budget-reads.ts";
import * as budgetWrites from "./budgets/budget-writes.ts";
import * as bundleReads from "./bundles/bundle-reads.ts";
import * as bundleWrites from "./bundles/bundle-writes.ts";
import * as callReads from "./calls/call-reads.ts";
import * as callWrites from "./calls/call-writes.ts";
import * as entryReads from "./entries/entry-reads.ts";
import * as entryWrites from "./entries/entry-writes.ts";
import * as feedReads from "./feed/feed-reads.ts";
import * as grantReads from "./grants/grant-reads.ts";
import * as grantWrites from "./grants/grant-writes.ts";
import * as issuanceReads from "./issuance-log/issuance-reads.ts";
import * as issuanceWrites from "./issuance-log/issuance-writes.ts";
import * as joinTokenWrites from "./join-tokens/join-token-writes.ts";
import * as leaseReads from "./leases/lease-reads.ts";
import * as leaseWrites from "./leases/lease-writes.ts";
import * as nodeReads from "./nodes/node-reads.ts";
import * as nodeWrites from "./nodes/node-writes.ts";
import * as operatorReads from "./operators/operator-reads.ts";
import * as operatorWrites from "./operators/operator-writes.ts";
import * as profileReads from "./profiles/profile-reads.ts";
import * as profileWrites from "./profiles/profile-writes.ts";
import * as recordReads from "./record/record-reads.ts";
import * as recordWrites from "./record/record-writes.ts";
import * as taskReads from "./tasks/task-reads.ts";
import * as taskWrites from "./tasks/task-writes.ts";
import * as ticketWrites from "./tickets/ticket-writes.ts";
import * as toolReads from "./tools/tool-reads.ts";
import * as toolWrites from "./tools/tool-writes.ts";

/** Operations that only read: every exported function of these modules, `(db, args) => value`. */
export interface Reads {
  readonly accounts: typeof accountReads;
  readonly approvals: typeof approvalReads;
  readonly authorities: typeof authorityReads;
  readonly budgets: typeof budgetReads;
  readonly bundles: typeof bundleReads;
  readonly calls: typeof callReads;
  readonly entries: typeof entryReads;
  readonly feed: typeof feedReads;
  readonly grants: typeof grantReads;
  readonly issuance: typeof issuanceReads;
  readonly leases: typeof leaseReads;
  readonly nodes: typeof nodeReads;
  readonly operators: typeof operatorReads;
  readonly profiles: typeof profileReads;
  readonly record: typeof recordReads;
  readonly tasks: typeof taskReads;
  readonly tools: typeof toolReads;
}

/** Operations that write: every exported function of these modules, `(tx, args) => value`. */
export interface Writes {
  readonly accounts: typeof accountWrites;
  readonly approvals: typeof approvalWrites;
  readonly authorities: typeof authorityWrites;
  readonly budgets: typeof budgetWrites;
  readonly bundles: typeof bundleWrites;
  readonly calls: typeof callWrites;
  readonly entries: typeof entryWrites;
  readonly grants: typeof grantWrites;
  readonly issuance: typeof issuanceWrites;
  readonly joinTokens: typeof joinTokenWrites;
  readonly leases: typeof leaseWrites;
  readonly nodes: typeof nodeWrites;
  readonly operators: typeof operatorWrites;
  readonly profiles: typeof profileWrites;
  readonly record: typeof recordWrites;
  readonly tasks: typeof taskWrites;
  readonly tickets: typeof ticketWrites;
  readonly tools: typeof toolWrites;
}

/** What the worker can do. */
export const operations: { readonly read: Reads; readonly write: Writes } = {
  read: {
    accounts: accountReads,
    approvals: approvalReads,
    authorities: authorityReads,
    budgets: budgetReads,
    bundles: bundleReads,
    calls: callReads,
    entries: entryReads,
    feed: feedReads,
    grants: grantReads,
    issuance: issuanceReads,
    leases: leaseReads,
    nodes: nodeReads,
    operators: operatorReads,
    profiles: profileReads,
    record: recordReads,
    tasks: taskReads,
    tools: toolReads,
  },
  write: {
    accounts: accountWrites,
    approvals: approvalWrites,
    authorities: authorityWrites,
    budgets: budgetWrites,
    bundles: bundleWrites,
    calls: callWrites,
    entries: entryWrites,
    grants: grantWrites,
    issuance: issuanceWrites,
    joinTokens: joinTokenWrites,
    leases: leaseWrites,
    nodes: nodeWrites,
    operators: operatorWrites,
    profiles: profileWrites,
    record: recordWrites,
    tasks: taskWrites,
    tickets: ticketWrites,
    tools: toolWrites,
  },
};
