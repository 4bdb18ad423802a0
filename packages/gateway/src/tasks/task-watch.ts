// SPDX-License-Identifier: Apache-2.0
import type { Logger } from "@mayfly/telemetry";
import type { CutReport, StandingOrder, StandingReceiver } from "../ports/task-feed.ts";
import type { LiveCalls } from "./live-calls.ts";
import type { StandingTable } from "./standing-table.ts";

const sweepMs = 250;

/** Puts orders in force: first the table says no, then what is open is cut. */
export class TaskWatch implements StandingReceiver {
  readonly #table: StandingTable;
  readonly #live: LiveCalls;
  readonly #log: Logger;
  readonly #first = Promise.withResolvers<void>();

  constructor(parts: { readonly table: StandingTable; readonly live: LiveCalls; readonly log: Logger }) {
    this.#table = parts.table;
    this.#live = parts.live;
    this.#log = parts.log;
  }

  heard(proof: { readonly monotonicMs: number; readonly unixMs: number }): void {
    this.#table.heartbeat.heard(proof);
    this.#first.resolve();
  }

  /** Resolves when the server was heard for the first time: before, everything is refused. */
  get ready(): Promise<void> {
    return this.#first.promise;
  }

  async apply(order: StandingOrder): Promise<readonly CutReport[]> {
    const stopped = this.#table.apply(order);
    return await Promise.all(
      stopped.map(async ({ id, revision, state }) => {
        const connections = await this.#live.cut(id, `the task is ${state}`);
        this.#log.info("task_stopped", { task_id: id, state, connections: connections.length });
        return { taskId: id, revision, connections, evidence: this.#live.noneLeft(id) };
      }),
    );
  }

  /** Cuts what lapses without a word of the server: tasks past their end, and all when it is silent too long. */
  sweep(): void {
    for (const { id } of this.#table.lapsed()) {
      this.#live.cut(id, "the task lapsed").then(
        ({ length }) => {
          if (length > 0) this.#log.warn("task_lapsed", { task_id: id, connections: length });
        },
        (error: unknown) => this.#log.error("cut_failed", { task_id: id, error }),
      );
    }
  }

  /** Sweeps until the signal is aborted. */
  run(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setInterval(() => this.sweep(), sweepMs);
    const stop = (): void => {
      clearInterval(timer);
      resolve();
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
    return promise;
  }
}
