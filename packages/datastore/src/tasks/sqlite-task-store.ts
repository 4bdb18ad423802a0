// SPDX-License-Identifier: Apache-2.0
import type {
  CommittedHoldings,
  CreateTaskGuard,
  CreateTaskOutcome,
  EndReason,
  PrunedTasks,
  SettleOutcome,
  SubtreeEvent,
  Task,
  TaskFilter,
  TaskId,
  TaskIdentity,
  TaskStore,
} from "@mayfly/tasks";
import type { StoreThread } from "../thread/store-thread.ts";

/** Tasks behind the database worker. Suspensions and ends go ahead of all other writes. */
export class SqliteTaskStore implements TaskStore {
  readonly #thread: StoreThread;
  readonly #server: string;

  /** `server`: SPIFFE ID of the guard that task entries stand at. */
  constructor(thread: StoreThread, server: string) {
    this.#thread = thread;
    this.#server = server;
  }

  create(task: Task, identity: TaskIdentity, guard: CreateTaskGuard, at: Date): Promise<CreateTaskOutcome> {
    const { profile, parent } = guard;
    const { name, revision } = profile;
    const checked = { profile: { name, revision }, ...(parent && { parent }) };
    return this.#thread.write("tasks", "create", { task, identity, guard: checked, at, server: this.#server });
  }

  get(id: TaskId): Promise<Task | undefined> {
    return this.#thread.read("tasks", "get", id);
  }

  subtree(id: TaskId): Promise<readonly Task[]> {
    return this.#thread.read("tasks", "subtree", id);
  }

  lineage(id: TaskId): Promise<readonly Task[]> {
    return this.#thread.read("tasks", "lineage", id);
  }

  async list(
    filter: TaskFilter,
    { limit, after }: { readonly limit: number; readonly after?: TaskId | undefined },
  ): Promise<readonly Task[]> {
    if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError("a list asks for at least one task");
    return this.#thread.read("tasks", "list", { filter, limit, after });
  }

  change(id: TaskId, event: Exclude<SubtreeEvent, { readonly event: "end" }>): Promise<CommittedHoldings> {
    if (event.event === "suspend") return this.#thread.writeFirst("tasks", "change", { id, event });
    return this.#thread.write("tasks", "change", { id, event });
  }

  end(ids: readonly TaskId[], reason: EndReason, at: Date): Promise<CommittedHoldings> {
    return this.#thread.writeFirst("tasks", "end", { ids, reason, at });
  }

  settle(id: TaskId, now: Date): Promise<SettleOutcome> {
    return this.#thread.write("tasks", "settle", { id, now });
  }

  prune(endedBefore: Date, maxRows: number): Promise<PrunedTasks> {
    return this.#thread.write("tasks", "prune", { endedBefore, maxRows });
  }
}
