// SPDX-License-Identifier: Apache-2.0
import type {
  CreateEntryOutcome,
  EntryFilter,
  EntryStore,
  NewEntry,
  Page,
  PageRequest,
  RegistrationEntry,
} from "@mayfly/registration";
import type { StoreThread } from "../thread/store-thread.ts";
import { unixSeconds } from "../unix-seconds.ts";

/** Registration entries behind the database worker. */
export class SqliteEntryStore implements EntryStore {
  readonly #thread: StoreThread;

  constructor(thread: StoreThread) {
    this.#thread = thread;
  }

  create(entry: NewEntry, now: Date): Promise<CreateEntryOutcome> {
    return this.#thread.write("entries", "create", { entry, createdAt: unixSeconds(now) });
  }

  get(id: string): Promise<RegistrationEntry | undefined> {
    return this.#thread.read("entries", "get", id);
  }

  list(filter: EntryFilter, page: PageRequest): Promise<Page<RegistrationEntry>> {
    return this.#thread.read("entries", "list", { filter, page });
  }

  count(filter: EntryFilter): Promise<number> {
    return this.#thread.read("entries", "count", filter);
  }

  update(id: string, changes: Partial<NewEntry>): Promise<CreateEntryOutcome | undefined> {
    return this.#thread.write("entries", "update", { id, changes });
  }

  delete(id: string): Promise<RegistrationEntry | undefined> {
    return this.#thread.write("entries", "delete", id);
  }

  /** Ahead of all other writes. */
  deleteOf(spiffeId: string): Promise<readonly RegistrationEntry[]> {
    return this.#thread.writeFirst("entries", "deleteOf", spiffeId);
  }

  prune(now: Date): Promise<readonly RegistrationEntry[]> {
    return this.#thread.write("entries", "prune", unixSeconds(now));
  }
}
