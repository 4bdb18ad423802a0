// SPDX-License-Identifier: Apache-2.0
import { type Grant, type GrantEvent, type OpenGrantOutcome, TaskError } from "@mayfly/tasks";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";
import { isAlive } from "../tasks/find-tasks.ts";
import { insertGrant } from "./grant-rows.ts";
import { findGrant, knownGrant, stepGrant } from "./step-grant.ts";

const same = ["taskId", "kind", "guard", "ref"] as const;

export function open(tx: WriteTransaction, { grant, at }: { grant: Grant; at: Date }): OpenGrantOutcome {
  const stored = findGrant(tx.db, grant.id);
  if (stored !== undefined) {
    const isSame = same.every((name) => stored[name] === grant[name]);
    return isSame ? { outcome: "exists", grant: stored } : { outcome: "conflict" };
  }
  if (!isAlive(tx.db, grant.taskId, at.getTime())) return { outcome: "task-not-active" };
  const opened: Grant = { ...grant, state: "live", revision: tx.takeRevision() };
  insertGrant(tx, opened);
  return { outcome: "opened", grant: opened };
}

export function step(tx: WriteTransaction, { id, event }: { id: string; event: GrantEvent }): Grant {
  const { taskId } = knownGrant(tx.db, id);
  if (event.event === "extend" && !isAlive(tx.db, taskId, event.at.getTime())) {
    throw new TaskError("ILLEGAL_GRANT_STEP", `grant ${id} is of a task that is not active: no extend`);
  }
  return stepGrant(tx, id, event);
}
