// SPDX-License-Identifier: Apache-2.0
import type { Approval, ApprovalState, ListPage } from "@mayfly/tasks";
import { sql } from "kysely";
import type { Connection } from "../sqlite/connection.ts";
import { findApproval, toApproval } from "./approval-rows.ts";

export function get(db: Connection, id: string): Approval | undefined {
  return findApproval(db, id);
}

interface Query {
  readonly filter: { readonly state?: ApprovalState | undefined; readonly taskId?: string | undefined };
  readonly page?: ListPage | undefined;
}

export function list(db: Connection, { filter: { state, taskId }, page }: Query): readonly Approval[] {
  let query = db.build.selectFrom("approvals").selectAll().orderBy("row_id");
  if (state !== undefined) query = query.where("state", "=", state);
  if (taskId !== undefined) query = query.where("task_id", "=", taskId);
  if (page !== undefined) query = query.limit(page.limit);
  if (page?.after !== undefined) {
    query = query.where("row_id", ">", sql<number>`(select row_id from approvals where id = ${page.after})`);
  }
  return db.all(query).map(toApproval);
}
