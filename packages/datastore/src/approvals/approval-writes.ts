// SPDX-License-Identifier: Apache-2.0
import { type Approval, type CreateApprovalOutcome, isApprovalOpen, nextApproval } from "@mayfly/tasks";
import { type SqlBool, sql } from "kysely";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";
import { isAlive } from "../tasks/find-tasks.ts";
import { findApproval, insertApproval, toApproval, writeApprovals } from "./approval-rows.ts";

export function create(tx: WriteTransaction, approval: Approval): CreateApprovalOutcome {
  const { id, taskId, requestedAt } = approval.request;
  const stored = findApproval(tx.db, id);
  if (stored !== undefined) return { outcome: "exists", approval: stored };
  if (!isAlive(tx.db, taskId, requestedAt.getTime())) return { outcome: "task-not-active" };
  const created = { ...approval, revision: tx.takeRevision() };
  insertApproval(tx, created);
  return { outcome: "created", approval: created };
}

/** Request and arguments stay what they were asked as: only state and votes are written. */
export function replace(tx: WriteTransaction, next: Approval): Approval | undefined {
  const stored = findApproval(tx.db, next.request.id);
  if (stored?.revision !== next.revision || !isApprovalOpen(stored)) return undefined;
  const { state, votes } = next;
  const written = { ...stored, state, votes, revision: tx.takeRevision() };
  writeApprovals(tx, [written]);
  return written;
}

export function expire(tx: WriteTransaction, now: Date): readonly Approval[] {
  const over = tx.db.build
    .selectFrom("approvals")
    .selectAll()
    .where(sql<SqlBool>`state in ('pending', 'approved')`)
    .where("not_after", "<=", now.getTime());
  const open = tx.db.all(over.orderBy(sql`+row_id`)).map(toApproval);
  const expired = open.map((approval) => ({
    ...nextApproval(approval, { event: "expire", at: now }),
    revision: tx.takeRevision(),
  }));
  writeApprovals(tx, expired);
  return expired;
}
