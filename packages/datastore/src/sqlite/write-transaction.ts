// SPDX-License-Identifier: Apache-2.0
import type { CommittedChanges, StoreChange } from "@mayfly/registration";
import type { Connection } from "./connection.ts";
import { OperationError } from "./failure.ts";

/** One writing operation inside a group: its changes share one revision. */
export class WriteTransaction {
  readonly db: Connection;
  readonly #changes: StoreChange[] = [];
  #revision: number | undefined;

  constructor(db: Connection) {
    this.db = db;
  }

  /** The revision of this operation: the first call takes the next one from the counter. */
  takeRevision(): number {
    this.#revision ??= nextRevision(this.db);
    return this.#revision;
  }

  /** Reports a change to the revision feed. */
  record(change: StoreChange): void {
    this.takeRevision();
    this.#changes.push(change);
  }

  /** What the feed gets once the group is committed; undefined when there is nothing to report. */
  get committed(): CommittedChanges | undefined {
    return this.#revision === undefined ? undefined : { revision: this.#revision, changes: this.#changes };
  }
}

// The counter is a row, not a sequence: it is taken back with the transaction, so commit order is revision order without holes.
function nextRevision(db: Connection): number {
  const next = db.build.updateTable("revision").set((eb) => ({ n: eb("n", "+", 1) }));
  const row = db.first(next.where("id", "=", 1).returning("n"));
  if (row === undefined) throw new OperationError("STORE_CORRUPT", "the revision counter is missing");
  return row.n;
}
