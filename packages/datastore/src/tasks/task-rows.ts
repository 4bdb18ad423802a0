// SPDX-License-Identifier: Apache-2.0
import type { NewEntry } from "@mayfly/registration";
import {
  type EndReason,
  formatScope,
  parseScope,
  type Scope,
  type Task,
  type TaskId,
  type TaskIdentity,
  type TaskState,
  type Tier,
} from "@mayfly/tasks";
import type { Selectable } from "kysely";
import type { Schema } from "../sqlite/schema.ts";
import { unixSeconds } from "../unix-seconds.ts";

type TaskRow = Selectable<Schema["tasks"]>;

/** Tasks of one query; equal scopes are read once, because an end may have thousands of tasks of one profile. */
export function toTasks(rows: readonly TaskRow[]): readonly Task[] {
  const scopes = new Map<string, Scope>();
  return rows.map((row) => {
    const scope = scopes.get(row.scope) ?? parseScope(JSON.parse(row.scope));
    scopes.set(row.scope, scope);
    return toTask(row, scope);
  });
}

function toTask(row: TaskRow, scope: Scope): Task {
  return {
    id: row.id as TaskId,
    ...(row.parent_id !== null && { parentId: row.parent_id as TaskId }),
    rootId: row.root_id as TaskId,
    depth: row.depth,
    agent: row.agent,
    owner: row.owner,
    requestedBy: row.requested_by,
    tier: row.tier as Tier,
    scope,
    state: row.state as TaskState,
    ...(row.reason !== null && { reason: row.reason as EndReason }),
    holds: JSON.parse(row.holds) as string[],
    createdAt: new Date(row.created_at),
    notAfter: new Date(row.not_after),
    revision: row.revision,
  };
}

export function toColumns(task: Task, identity: TaskIdentity): Omit<TaskRow, "row_id"> {
  return {
    id: task.id,
    parent_id: task.parentId ?? null,
    root_id: task.rootId,
    depth: task.depth,
    agent: task.agent,
    owner: task.owner,
    requested_by: task.requestedBy,
    tier: task.tier,
    scope: formatScope(task.scope),
    state: task.state,
    reason: task.reason ?? null,
    holds: JSON.stringify(task.holds),
    created_at: task.createdAt.getTime(),
    not_after: task.notAfter.getTime(),
    entry_id: identity.entryId,
    identity: JSON.stringify(toEntry(identity)),
    ended_at: null,
    revision: task.revision,
  };
}

/** The entry that is a task's identity. Its end is cut to the second, so that it is never later than the task's. */
function toEntry(identity: TaskIdentity): NewEntry {
  return {
    id: identity.entryId,
    spiffeId: identity.spiffeId,
    parentId: identity.parentId,
    selectors: identity.selectors.map((text) => {
      const colon = text.indexOf(":");
      return { type: text.slice(0, colon), value: text.slice(colon + 1) };
    }),
    x509SvidTtl: identity.x509SvidTtlSeconds,
    jwtSvidTtl: 0,
    federatesWith: [],
    admin: false,
    downstream: false,
    expiresAt: unixSeconds(identity.notAfter),
    dnsNames: [],
    storeSvid: false,
    hint: "",
  };
}
