// SPDX-License-Identifier: Apache-2.0
import type { Logger } from "@mayfly/telemetry";
import type { LeaseBook } from "../lease/lease-book.ts";
import type { GuardFeed, GuardReport, TaskStanding } from "./guard-feed.ts";

/** Ends what a task has here, and tells the server of each step: at once what there is, then each lease that is gone or resists. */
export class TaskCuts {
  readonly #feed: Pick<GuardFeed, "report">;
  readonly #book: () => LeaseBook;
  readonly #logger: Logger;
  /** Revision of the last word on tasks that have leases which are ending. */
  readonly #ending = new Map<string, number>();

  constructor(feed: Pick<GuardFeed, "report">, book: () => LeaseBook, logger: Logger) {
    this.#feed = feed;
    this.#book = book;
    this.#logger = logger;
  }

  cut({ taskId, revision, state }: TaskStanding): void {
    const book = this.#book();
    const leases = book.ofTask(taskId);
    for (const held of leases) void book.end(held, `task-${state}`);
    if (leases.length > 0) this.#ending.set(taskId, revision);
    this.#report(taskId, revision);
  }

  /** A lease of the task became gone or stuck. */
  changed(taskId: string, id: string, isGone: boolean): void {
    const revision = this.#ending.get(taskId);
    if (revision === undefined) return;
    this.#report(taskId, revision, isGone ? [{ id, isGone, problem: "" }] : []);
    if (this.#book().ofTask(taskId).length === 0) this.#ending.delete(taskId);
  }

  #report(taskId: string, revision: number, gone: GuardReport["leases"] = []): void {
    const left = this.#book()
      .ofTask(taskId)
      .map(({ lease, problem }) => ({ id: lease.id, isGone: false, problem }));
    const report: GuardReport = { taskId, revision, leases: [...gone, ...left], isDone: left.length === 0 };
    this.#feed
      .report(report)
      .catch((error: unknown) => this.#logger.warn("guard_report_failed", { task: taskId, error }));
  }
}
