// SPDX-License-Identifier: Apache-2.0
import type { FoundAccount } from "../postgres/list-accounts.ts";

/** Remembers when accounts were last seen at work: the database forgets with the session. Not older than this process. */
export class ActivityMemory {
  readonly #byTarget = new Map<string, ReadonlyMap<string, Date>>();

  /** Takes a look's findings; gives the newest activity of each account that still exists. */
  note(target: string, accounts: readonly FoundAccount[]): ReadonlyMap<string, Date> {
    const before = this.#byTarget.get(target);
    const now = accounts.flatMap(({ name, lastActivityAt }) => {
      const at = lastActivityAt ?? before?.get(name);
      return at === undefined ? [] : [[name, at] as const];
    });
    const seen = new Map(now);
    this.#byTarget.set(target, seen);
    return seen;
  }
}
