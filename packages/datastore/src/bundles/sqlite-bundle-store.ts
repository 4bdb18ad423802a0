// SPDX-License-Identifier: Apache-2.0
import type { BundleStore, DeleteBundleMode, Page, PageRequest, StoredBundle } from "@mayfly/registration";
import { StoreError } from "../errors.ts";
import type { StoreThread } from "../thread/store-thread.ts";

const maxAttempts = 50;

/** Bundles behind the database worker. */
export class SqliteBundleStore implements BundleStore {
  readonly #thread: StoreThread;

  constructor(thread: StoreThread) {
    this.#thread = thread;
  }

  async get(trustDomain: string): Promise<StoredBundle | undefined> {
    return (await this.#thread.read("bundles", "get", trustDomain))?.bundle;
  }

  list(page: PageRequest): Promise<Page<StoredBundle>> {
    return this.#thread.read("bundles", "list", page);
  }

  count(): Promise<number> {
    return this.#thread.read("bundles", "count", null);
  }

  create(bundle: StoredBundle): Promise<boolean> {
    return this.#thread.write("bundles", "replace", { bundle, version: undefined });
  }

  set(bundle: StoredBundle): Promise<void> {
    return this.#thread.write("bundles", "set", bundle);
  }

  async modify(
    trustDomain: string,
    change: (current: StoredBundle | undefined) => StoredBundle | undefined,
  ): Promise<StoredBundle | undefined> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const current = await this.#thread.read("bundles", "get", trustDomain);
      const bundle = change(current?.bundle);
      if (bundle === undefined) return undefined;
      if (bundle.trustDomain !== trustDomain) throw new TypeError("a bundle keeps its trust domain");
      if (await this.#thread.write("bundles", "replace", { bundle, version: current?.version })) return bundle;
    }
    throw new StoreError("STORE_CONFLICT", `the bundle changed ${maxAttempts} times while it was being modified`);
  }

  delete(
    trustDomain: string,
    mode: DeleteBundleMode,
  ): Promise<{ deleted: boolean; federatedEntries: number } | undefined> {
    return this.#thread.write("bundles", "delete", { trustDomain, mode });
  }
}
