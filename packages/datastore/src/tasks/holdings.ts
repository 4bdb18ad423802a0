// SPDX-License-Identifier: Apache-2.0
import type { CommittedHoldings, Holdings, Task } from "@mayfly/tasks";
import { findApprovalsOf, writeApprovals } from "../approvals/approval-rows.ts";
import { revision as lastRevision } from "../feed/feed-reads.ts";
import { findGrantsOf, writeGrants } from "../grants/grant-rows.ts";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";
import { syncEntries, writeTasks } from "./write-tasks.ts";

/** What these tasks hold. */
export function readHoldings({ db }: WriteTransaction, tasks: readonly Task[]): Holdings {
  const ids = tasks.map(({ id }) => id);
  return { tasks, grants: findGrantsOf(db, ids), approvals: findApprovalsOf(db, ids) };
}

/** Stores what changed, all under one revision, with the entries of the tasks. `at`: when entries are created, and tasks end. */
export function writeHoldings(tx: WriteTransaction, changed: Holdings, at: Date): CommittedHoldings {
  const { tasks, grants, approvals } = changed;
  if (tasks.length + grants.length + approvals.length === 0) {
    return { ...changed, revision: lastRevision(tx.db, null) };
  }
  const revision = tx.takeRevision();
  const written = {
    revision,
    tasks: tasks.map((task) => ({ ...task, revision })),
    grants: grants.map((grant) => ({ ...grant, revision })),
    approvals: approvals.map((approval) => ({ ...approval, revision })),
  };
  writeTasks(tx, written.tasks, at);
  writeGrants(tx, written.grants);
  writeApprovals(tx, written.approvals);
  syncEntries(tx, written.tasks, at);
  return written;
}
