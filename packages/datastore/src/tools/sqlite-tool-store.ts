// SPDX-License-Identifier: Apache-2.0
import type { PinnedTool, ToolApproval, ToolDefinitions, ToolSighting, ToolStore } from "@mayfly/tasks";
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

  approve(approval: ToolApproval): Promise<PinnedTool | undefined> {
    return this.#thread.write("tools", "approve", approval);
  }

  get(server: string, tool: string): Promise<PinnedTool | undefined> {
    return this.#thread.read("tools", "get", { server, tool });
  }

  definitions(server: string, tool: string): Promise<ToolDefinitions | undefined> {
    return this.#thread.read("tools", "definitions", { server, tool });
  }

  list(filter: {
    readonly server?: string | undefined;
    readonly state?: PinnedTool["state"] | undefined;
  }): Promise<readonly PinnedTool[]> {
    return this.#thread.read("tools", "list", filter);
  }
}
