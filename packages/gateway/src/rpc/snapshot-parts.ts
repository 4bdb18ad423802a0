// SPDX-License-Identifier: Apache-2.0
import { GatewayError } from "../errors.ts";
import type { StandingOrder, TaskStanding } from "../ports/task-feed.ts";

/** More than any gateway has to do with: a server that names more is broken. */
const maxGathered = 1_000_000;

/** Puts a snapshot that comes in several orders together: a part of it says nothing about tasks that it does not name. */
export class SnapshotParts {
  #gathered: TaskStanding[] = [];
  #isOpen = false;

  /**
   * The whole that an order completes; undefined while parts are missing. `more`: it is a part, and others follow.
   * @throws {GatewayError} FEED_MALFORMED for another order between the parts, or parts without end
   */
  take(order: StandingOrder, more: boolean): StandingOrder | undefined {
    const { tasks, isSnapshot } = order;
    if (!isSnapshot && (more || this.#isOpen)) throw malformed("does not finish a snapshot that it began");
    if (!more && !this.#isOpen) return order;
    if (this.#gathered.length + tasks.length > maxGathered) throw malformed("sends a snapshot without end");
    for (const task of tasks) this.#gathered.push(task);
    this.#isOpen = more;
    if (more) return undefined;
    const whole = this.#gathered;
    this.#gathered = [];
    return { tasks: whole, isSnapshot };
  }
}

function malformed(problem: string): GatewayError {
  return new GatewayError("FEED_MALFORMED", `the server ${problem}`);
}
