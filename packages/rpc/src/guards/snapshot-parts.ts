// SPDX-License-Identifier: Apache-2.0
import type { GuardOrder } from "../messages/mayfly-task/guards.ts";

/** More than any guard has to do with: a server that names more is broken. */
const maxGathered = 1_000_000;

/** Puts a snapshot that comes in several orders together, for any guard: a part says nothing about the tasks that it does not name. */
export class SnapshotParts<Standing> {
  readonly #refusal: (problem: string) => Error;
  #gathered: Standing[] | undefined;

  /** `refusal` makes what is thrown, of what the server does wrong: "sends …". */
  constructor(refusal: (problem: string) => Error) {
    this.#refusal = refusal;
  }

  /**
   * The standings of a whole order, with those of the parts before it; undefined while parts are missing.
   * @throws the refusal, for another order between the parts, or parts without end
   */
  take(
    { snapshot, more }: Pick<GuardOrder, "snapshot" | "more">,
    standings: readonly Standing[],
  ): readonly Standing[] | undefined {
    if (!snapshot && (more || this.#gathered !== undefined))
      throw this.#refusal("does not finish a snapshot that it began");
    if (!more && this.#gathered === undefined) return standings;
    const gathered = (this.#gathered ??= []);
    if (gathered.length + standings.length > maxGathered) throw this.#refusal("sends a snapshot without end");
    for (const standing of standings) gathered.push(standing);
    if (more) return undefined;
    this.#gathered = undefined;
    return gathered;
  }
}
