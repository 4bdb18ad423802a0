// SPDX-License-Identifier: Apache-2.0
import type { AttestedNode, NodeFilter, NodeStore, Page, PageRequest } from "@mayfly/registration";
import type { StoreThread } from "../thread/store-thread.ts";
import { unixSeconds } from "../unix-seconds.ts";

/** Attested nodes behind the database worker. */
export class SqliteNodeStore implements NodeStore {
  readonly #thread: StoreThread;

  constructor(thread: StoreThread) {
    this.#thread = thread;
  }

  get(id: string): Promise<AttestedNode | undefined> {
    return this.#thread.read("nodes", "get", id);
  }

  list(filter: NodeFilter, page: PageRequest): Promise<Page<AttestedNode>> {
    return this.#thread.read("nodes", "list", { filter, page });
  }

  count(filter: NodeFilter): Promise<number> {
    return this.#thread.read("nodes", "count", filter);
  }

  async attest(node: AttestedNode): Promise<boolean> {
    if (node.serialNumber === "") throw new TypeError("a node that attests has a serial number");
    return this.#thread.write("nodes", "attest", node);
  }

  async setPending(id: string, pending: { serialNumber: string; expiresAt: number }): Promise<boolean> {
    if (pending.serialNumber === "") throw new TypeError("a pending SVID has a serial number");
    return this.#thread.write("nodes", "setPending", { id, ...pending });
  }

  promote(id: string, serialNumber: string): Promise<boolean> {
    return this.#thread.write("nodes", "promote", { id, serialNumber });
  }

  ban(id: string): Promise<boolean> {
    return this.#thread.writeFirst("nodes", "ban", id);
  }

  delete(id: string): Promise<boolean> {
    return this.#thread.write("nodes", "delete", id);
  }

  purge(filter: { expiredBefore: Date; includeBanned: boolean }): Promise<readonly string[]> {
    const { expiredBefore, includeBanned } = filter;
    return this.#thread.write("nodes", "purge", { before: unixSeconds(expiredBefore), includeBanned });
  }
}
