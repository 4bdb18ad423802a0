// SPDX-License-Identifier: Apache-2.0
import type { GuardOrder } from "@mayfly/rpc";
import { AgentError } from "../errors.ts";
import type { TaskStanding } from "./task-standing.ts";

/** More than any node has to do with; a server that names more is broken. */
const maxGathered = 1_000_000;

/** Puts a snapshot that comes in several orders together: a part of it says nothing about tasks that it does not name. */
export class SnapshotParts {
  #gathered: TaskStanding[] = [];

  /**
   * The standings of a whole order, with those of the parts before it; undefined while parts are missing.
   * @throws {AgentError} BAD_ANSWER for another order between the parts, or parts without end
   */
  take(
    { snapshot, more }: Pick<GuardOrder, "snapshot" | "more">,
    standings: readonly TaskStanding[],
  ): readonly TaskStanding[] | undefined {
    if (!snapshot && (more || this.#gathered.length > 0))
      throw new AgentError("BAD_ANSWER", "the server began a snapshot of tasks and did not finish it");
    if (!more && this.#gathered.length === 0) return standings;
    for (const standing of standings) this.#gathered.push(standing);
    if (this.#gathered.length > maxGathered)
      throw new AgentError("BAD_ANSWER", "the server sends a snapshot of tasks without end");
    if (more) return undefined;
    const whole = this.#gathered;
    this.#gathered = [];
    return whole;
  }
}
