// SPDX-License-Identifier: Apache-2.0
import type { AuthorityKind, AuthorityRecord, AuthorityStore, BundleEdit } from "@mayfly/ca";
import type { StoreThread } from "../thread/store-thread.ts";

/** Authorities behind the database worker. */
export class SqliteAuthorityStore implements AuthorityStore {
  readonly #thread: StoreThread;
  readonly #trustDomain: string;

  /** `trustDomain`: name of the server's own, whose bundle the edits are for. */
  constructor(thread: StoreThread, trustDomain: string) {
    this.#thread = thread;
    this.#trustDomain = trustDomain;
  }

  list(kind: AuthorityKind): Promise<{ readonly version: number; readonly records: readonly AuthorityRecord[] }> {
    return this.#thread.read("authorities", "list", kind);
  }

  async commit(change: {
    readonly kind: AuthorityKind;
    readonly version: number;
    readonly records: readonly AuthorityRecord[];
    readonly edits: readonly BundleEdit[];
  }): Promise<boolean> {
    if (change.records.some(({ kind }) => kind !== change.kind))
      throw new TypeError("records are of the kind committed");
    return this.#thread.write("authorities", "commit", { ...change, trustDomain: this.#trustDomain });
  }
}
