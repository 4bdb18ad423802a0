// SPDX-License-Identifier: Apache-2.0
import type { GuardMessage, GuardOrder, GuardReport, Sent } from "@mayfly/rpc";
import type { Task, TaskId } from "@mayfly/tasks";
import type { AuthorizedEntries } from "../../views/authorized-entries.ts";
import type { LiveViews } from "../../views/live-views.ts";
import { GuardSession } from "./guard-session.ts";
import { type GuardKind, GuardState } from "./guard-state.ts";
import type { LiveTasks } from "./live-tasks.ts";

/** Takes what a guard says that it did. */
export type ReportTaker = (guard: GuardState, report: GuardReport) => Promise<void>;

/** What the hub works with. */
export interface GuardHubDeps {
  readonly trustDomain: string;
  readonly live: LiveTasks;
  readonly views: LiveViews;
  readonly authorized: AuthorizedEntries;
}

/** All streams of guards: agents hear of the tasks whose entries they may serve, gateways and brokers of all. */
export class GuardHub implements Disposable {
  readonly #deps: GuardHubDeps;
  readonly #guards = new Map<string, GuardState>();
  readonly #sessions = new Map<GuardSession, GuardState>();
  readonly #heardListeners = new Set<() => void>();
  readonly #unsubscribe: readonly (() => void)[];
  #report: ReportTaker = () => Promise.resolve();
  #reconsidering = false;

  constructor(deps: GuardHubDeps) {
    this.#deps = deps;
    this.#unsubscribe = [
      deps.live.onChange((task) => {
        for (const session of this.#sessions.keys()) session.change(task);
      }),
      deps.views.onChange(({ kind }) => {
        if (kind !== "bundle") this.#reconsider();
      }),
    ];
  }

  /** Who reports are given to. */
  set reports(taker: ReportTaker) {
    this.#report = taker;
  }

  get connected(): number {
    return new Set(this.#sessions.values()).size;
  }

  /** Every guard that was heard since the server started. */
  guards(): Iterable<GuardState> {
    return this.#guards.values();
  }

  guard(id: string): GuardState | undefined {
    return this.#guards.get(id);
  }

  /** Those that were told of a task and did not say yet that nothing of it is left. */
  toldOf(taskId: TaskId): readonly GuardState[] {
    return [...this.#guards.values()].filter(({ told }) => told.has(taskId));
  }

  /** Called when a guard was heard or left. Returns the unsubscribe function. */
  onHeard(listener: () => void): () => void {
    this.#heardListeners.add(listener);
    return () => {
      this.#heardListeners.delete(listener);
    };
  }

  /** Serves one stream to its end. @throws {StatusError} INVALID_ARGUMENT */
  async *serve(
    { id, kind }: { readonly id: string; readonly kind: GuardKind },
    messages: AsyncIterable<GuardMessage>,
    signal: AbortSignal,
  ): AsyncGenerator<Sent<GuardOrder>> {
    const guard = this.#guards.get(id) ?? new GuardState(id, kind);
    this.#guards.set(id, guard);
    guard.streams += 1;
    guard.streamsChangedAt = performance.now();
    guard.heardAt = performance.now();
    const session = new GuardSession({
      ...this.#deps,
      guard,
      signal,
      concerns: (task) => kind !== "agent" || this.#servesEntry(id, task),
      isFresh: () => this.#deps.views.isFresh(),
      report: (report) => this.#report(guard, report),
      heard: () => this.#tellHeard(),
    });
    this.#sessions.set(session, guard);
    try {
      yield* session.serve(messages);
    } finally {
      this.#sessions.delete(session);
      guard.streams -= 1;
      guard.processes.delete(session);
      guard.streamsChangedAt = performance.now();
      this.#tellHeard();
    }
  }

  [Symbol.dispose](): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#heardListeners.clear();
  }

  /** The entry of a task has the task's id. */
  #servesEntry(agentId: string, task: Task): boolean {
    const node = this.#deps.views.node(agentId);
    return node !== undefined && this.#deps.authorized.of(node).has(task.id);
  }

  #tellHeard(): void {
    for (const listener of this.#heardListeners) listener();
  }

  /** Many changes of nodes and entries in one turn are one look. */
  #reconsider(): void {
    if (this.#reconsidering) return;
    this.#reconsidering = true;
    setImmediate(() => {
      this.#reconsidering = false;
      for (const [session, { kind }] of this.#sessions) if (kind === "agent") session.reconsider();
    });
  }
}
