// SPDX-License-Identifier: Apache-2.0
import type { PinnedTool, ToolSighting, ToolStore } from "@mayfly/tasks";
import type { StoreThread } from "../thread/store-thread.ts";

/** Pinned tools behind the database worker. */
export class SqliteToolStore implements ToolStore {
  readonly #thread: StoreThread;

  constructor(thread: StoreThread) {
    this.#thread = thread;
  }

  see(sighting: ToolSighting): Promise<PinnedTool> {
    return this.#thread.write("tools", "see", sighting);
  }

  approve(sighting: ToolSighting): Promise<PinnedTool | undefined> {
    return this.#thread.write("tools", "approve", sighting);
  }

  get(server: string, tool: string): Promise<PinnedTool | undefined> {
    return this.#thread.read("tools", "get", { server, tool });
  }

  list(filter: {
    readonly server?: string | undefined;
    readonly state?: PinnedTool["state"] | undefined;
  }): Promise<readonly PinnedTool[]> {
    return this.#thread.read("tools", "list", filter);
  }
}
