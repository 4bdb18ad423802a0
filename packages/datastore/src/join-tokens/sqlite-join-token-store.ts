// SPDX-License-Identifier: Apache-2.0
import type { ConsumeTokenOutcome, JoinToken, JoinTokenStore, NewEntry } from "@mayfly/registration";
import type { StoreThread } from "../thread/store-thread.ts";
import { unixSeconds } from "../unix-seconds.ts";

/** Join tokens behind the database worker. */
export class SqliteJoinTokenStore implements JoinTokenStore {
  readonly #thread: StoreThread;

  constructor(thread: StoreThread) {
    this.#thread = thread;
  }

  async create(
    token: JoinToken,
    options: { aliasEntry?: NewEntry | undefined; now?: Date | undefined } = {},
  ): Promise<boolean> {
    const { aliasEntry: entry, now } = options;
    if (entry === undefined) return this.#thread.write("joinTokens", "create", { token, alias: undefined });
    if (now === undefined) throw new TypeError("an alias entry needs the time of its creation");
    return this.#thread.write("joinTokens", "create", { token, alias: { entry, createdAt: unixSeconds(now) } });
  }

  consume(hash: string, keyHash: string, now: Date): Promise<ConsumeTokenOutcome> {
    return this.#thread.write("joinTokens", "consume", { hash, keyHash, now: unixSeconds(now) });
  }

  prune(now: Date): Promise<number> {
    return this.#thread.write("joinTokens", "prune", unixSeconds(now));
  }
}
