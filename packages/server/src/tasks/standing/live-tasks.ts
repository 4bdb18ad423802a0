// SPDX-License-Identifier: Apache-2.0
import type { Task, TaskId, TaskStore } from "@mayfly/tasks";

/** Called after a task changed, in the turn in which its commit was answered. */
export type TaskListener = (task: Task) => void;

const pageSize = 1000;

/** The tasks that have not ended, as they are in the store: every commit is taken in here first, and guards are told from here. */
export class LiveTasks {
  readonly #tasks = new Map<TaskId, Task>();
  readonly #children = new Map<TaskId, Set<TaskId>>();
  readonly #listeners = new Set<TaskListener>();
  #revision = 0;

  static async load(store: TaskStore): Promise<LiveTasks> {
    const live = new LiveTasks();
    const states = ["proposed", "active", "suspended", "ending"] as const;
    for (let after: TaskId | undefined; ; ) {
      const page = await store.list({ states }, { limit: pageSize, ...(after && { after }) });
      live.take(page);
      after = page.at(-1)?.id;
      if (page.length < pageSize) return live;
    }
  }

  /** Of the newest change. */
  get revision(): number {
    return this.#revision;
  }

  get(id: TaskId): Task | undefined {
    return this.#tasks.get(id);
  }

  /** The task and its ancestors, parent first; empty when one of them is not known here, which says nothing. */
  lineage(id: TaskId): readonly Task[] {
    const found: Task[] = [];
    for (let next: TaskId | undefined = id; next !== undefined; ) {
      const task = this.#tasks.get(next);
      if (task === undefined) return [];
      found.push(task);
      next = task.parentId;
    }
    return found;
  }

  all(): Iterable<Task> {
    return this.#tasks.values();
  }

  /** The task and its descendants that have not ended. */
  subtree(id: TaskId): readonly Task[] {
    const found: Task[] = [];
    const waiting = [id];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const task = this.#tasks.get(next);
      if (task !== undefined) found.push(task);
      waiting.push(...(this.#children.get(next) ?? []));
    }
    return found;
  }

  /** What a commit wrote; older states than the known ones are passed over. */
  take(tasks: readonly Task[]): void {
    for (const task of tasks) {
      const known = this.#tasks.get(task.id);
      if (known !== undefined && known.revision >= task.revision) continue;
      this.#revision = Math.max(this.#revision, task.revision);
      this.#put(task);
      for (const listener of this.#listeners) listener(task);
    }
  }

  /** Returns the unsubscribe function. */
  onChange(listener: TaskListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #put(task: Task): void {
    const { id, parentId, state } = task;
    if (state !== "ended") this.#tasks.set(id, task);
    else this.#tasks.delete(id);
    if (parentId === undefined) return;
    const siblings = this.#children.get(parentId) ?? new Set();
    if (state === "ended") siblings.delete(id);
    else siblings.add(id);
    if (siblings.size === 0) this.#children.delete(parentId);
    else this.#children.set(parentId, siblings);
  }
}
