// SPDX-License-Identifier: Apache-2.0
import type { IssuanceLog } from "@mayfly/ca";
import type { StoreThread } from "../thread/store-thread.ts";

/** The issuance logs of all authorities behind the database worker. */
export class SqliteIssuanceLog implements IssuanceLog {
  readonly #thread: StoreThread;

  constructor(thread: StoreThread) {
    this.#thread = thread;
  }

  async append(authorityId: string, batch: Uint8Array, count: number): Promise<number> {
    if (!Number.isSafeInteger(count) || count < 1) throw new RangeError("a batch holds at least one certificate");
    // A view into a larger buffer would cross to the worker with all of that buffer.
    return this.#thread.write("issuance", "append", { authorityId, batch: new Uint8Array(batch), count });
  }

  async read(
    authorityId: string,
    fromIndex: number,
    limit: number,
  ): Promise<readonly { readonly index: number; readonly batch: Uint8Array }[]> {
    if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError("a read asks for at least one row");
    return this.#thread.read("issuance", "read", { authorityId, fromIndex, limit });
  }

  authorities(): Promise<readonly string[]> {
    return this.#thread.read("issuance", "authorities", null);
  }
}
