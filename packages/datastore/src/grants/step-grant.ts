// SPDX-License-Identifier: Apache-2.0
import { type Grant, type GrantEvent, nextGrant, TaskError } from "@mayfly/tasks";
import type { Connection } from "../sqlite/connection.ts";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";
import { toGrant, writeGrants } from "./grant-rows.ts";

/** A grant by its id. */
export function findGrant(db: Connection, id: string): Grant | undefined {
  const row = db.first(db.build.selectFrom("grants").selectAll().where("id", "=", id));
  return row === undefined ? undefined : toGrant(row);
}

/** @throws {TaskError} GRANT_UNKNOWN */
export function knownGrant(db: Connection, id: string): Grant {
  const grant = findGrant(db, id);
  if (grant === undefined) throw new TaskError("GRANT_UNKNOWN", `no grant ${JSON.stringify(id)}`);
  return grant;
}

/** The grant after an event, as it is stored now; ordering its end again and proving it again change nothing. @throws {TaskError} */
export function stepGrant(tx: WriteTransaction, id: string, event: GrantEvent): Grant {
  const grant = knownGrant(tx.db, id);
  const isRepeated =
    (event.event === "end" && grant.state !== "live") || (event.event === "prove" && grant.state === "gone");
  if (isRepeated) return grant;
  const next = { ...nextGrant(grant, event), revision: tx.takeRevision() };
  writeGrants(tx, [next]);
  return next;
}
