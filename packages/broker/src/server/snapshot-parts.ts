// SPDX-License-Identifier: Apache-2.0
import type { GuardOrder, TaskStanding } from "@mayfly/rpc";

/** More than any broker has to do with: a server that names more is broken. */
const maxGathered = 1_000_000;

/** Puts a snapshot that comes in several orders together: a part says nothing about the tasks that it does not name. */
export class SnapshotParts {
  #gathered: TaskStanding[] | undefined;

  /** The whole that an order completes; undefined while parts are missing. @throws {Error} for another order between them, or parts without end */
  take(order: GuardOrder): GuardOrder | undefined {
    const { tasks, snapshot, more } = order;
    if (!snapshot && (more || this.#gathered !== undefined)) throw new Error("the server does not finish a snapshot");
    if (!more && this.#gathered === undefined) return order;
    const gathered = (this.#gathered ??= []);
    if (gathered.length + tasks.length > maxGathered) throw new Error("the server sends a snapshot without end");
    for (const task of tasks) gathered.push(task);
    if (more) return undefined;
    this.#gathered = undefined;
    return { ...order, tasks: gathered };
  }
}
