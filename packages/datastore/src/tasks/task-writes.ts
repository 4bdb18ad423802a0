// SPDX-License-Identifier: Apache-2.0
import {
  changeSubtree,
  type CommittedHoldings,
  type CreateTaskGuard,
  type CreateTaskOutcome,
  type EndReason,
  isQuiet,
  nextTask,
  type SettleOutcome,
  type SubtreeEvent,
  type Task,
  TaskError,
  type TaskIdentity,
} from "@mayfly/tasks";
import { findGrantsOf, insertGrant } from "../grants/grant-rows.ts";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";
import { endSubtrees } from "./end-subtrees.ts";
import { findSubtrees, findTask, isAlive } from "./find-tasks.ts";
import { readHoldings, writeHoldings } from "./holdings.ts";
import { toColumns } from "./task-rows.ts";
import { syncEntries } from "./write-tasks.ts";

export { prune } from "./prune-tasks.ts";

interface Creation {
  readonly task: Task;
  readonly identity: TaskIdentity;
  readonly guard: CreateTaskGuard;
  readonly at: Date;
  /** SPIFFE ID of the server, which deletes the entry. */
  readonly server: string;
}

export function create(tx: WriteTransaction, creation: Creation): CreateTaskOutcome {
  const { identity, guard, at, server } = creation;
  if (findTask(tx.db, creation.task.id) !== undefined) return { outcome: "exists" };
  const refused = refusal(tx, creation.task, guard, at);
  if (refused !== undefined) return { outcome: refused };
  const task: Task = { ...creation.task, revision: tx.takeRevision() };
  tx.db.run(tx.db.build.insertInto("tasks").values(toColumns(task, identity)));
  syncEntries(tx, [task], at);
  insertGrant(tx, {
    id: identity.entryId,
    taskId: task.id,
    kind: "entry",
    guard: server,
    ref: identity.entryId,
    notAfter: task.notAfter,
    renewable: false,
    state: "live",
    revision: task.revision,
  });
  return { outcome: "created", task };
}

function refusal(
  { db }: WriteTransaction,
  { parentId, agent }: Task,
  { profile, parent }: CreateTaskGuard,
  at: Date,
): "changed" | "too-many-children" | undefined {
  const stored = db.first(db.build.selectFrom("profiles").selectAll().where("name", "=", profile.name));
  if (stored?.state !== "active" || stored.revision !== profile.revision || agent !== profile.name) return "changed";
  if (parentId !== parent?.id) return "changed";
  if (parent === undefined) return undefined;
  if (!isAlive(db, parent.id, at.getTime()) || findTask(db, parent.id)?.revision !== parent.revision) return "changed";
  const living = db.build
    .selectFrom("tasks")
    .select((build) => build.fn.countAll<number>().as("n"))
    .where("parent_id", "=", parent.id)
    .where("state", "<>", "ended");
  return (db.first(living)?.n ?? 0) >= parent.maxChildren ? "too-many-children" : undefined;
}

export function change(
  tx: WriteTransaction,
  { id, event }: { id: string; event: Exclude<SubtreeEvent, { readonly event: "end" }> },
): CommittedHoldings {
  const subtree = findSubtrees(tx.db, [id]);
  const changed = changeSubtree(known(subtree, id), readHoldings(tx, subtree), event);
  // A suspension creates no entry.
  return writeHoldings(tx, changed, "at" in event ? event.at : new Date(0));
}

export function end(
  tx: WriteTransaction,
  { ids, reason, at }: { ids: readonly string[]; reason: EndReason; at: Date },
): CommittedHoldings {
  const before = readHoldings(tx, findSubtrees(tx.db, ids));
  return writeHoldings(tx, endSubtrees(ids, before, { event: "end", reason, at }), at);
}

export function settle(tx: WriteTransaction, { id, now }: { id: string; now: Date }): SettleOutcome {
  const subtree = findSubtrees(tx.db, [id]);
  known(subtree, id);
  const grants = findGrantsOf(
    tx.db,
    subtree.map((task) => task.id),
  );
  const { quiet, open } = isQuiet(subtree, grants, now);
  if (!quiet) return { outcome: "not-quiet", open };
  const tasks = subtree.filter(({ state }) => state === "ending").map((task) => nextTask(task, { event: "settle" }));
  return { outcome: "settled", tasks: writeHoldings(tx, { tasks, grants: [], approvals: [] }, now).tasks };
}

function known(subtree: readonly Task[], id: string): Task {
  const top = subtree.find((task) => task.id === id);
  if (top === undefined) throw new TaskError("TASK_UNKNOWN", `no task ${JSON.stringify(id)}`);
  return top;
}
