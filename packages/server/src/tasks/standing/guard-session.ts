// SPDX-License-Identifier: Apache-2.0
import type { GuardHello, GuardMessage, GuardOrder, GuardReport, Sent, TaskStanding } from "@mayfly/rpc";
import type { Task, TaskId } from "@mayfly/tasks";
import { invalidArgument } from "../../rpc/wire/refusal.ts";
import { Wake } from "../../sync/wake.ts";
import type { GuardState } from "./guard-state.ts";
import type { LiveTasks } from "./live-tasks.ts";
import { standingOf } from "./standing-message.ts";

/** What a stream of a guard works with. */
export interface GuardSessionDeps {
  readonly guard: GuardState;
  readonly trustDomain: string;
  readonly live: LiveTasks;
  /** Whether the guard has to know of a task. */
  readonly concerns: (task: Task) => boolean;
  /** Whether memory is proven to be as new as the store: only then is the guard kept alive. */
  readonly isFresh: () => boolean;
  readonly report: (report: GuardReport) => Promise<void>;
  /** Something that is waited for may have come. */
  readonly heard: () => void;
  readonly signal: AbortSignal;
}

/** What a message may hold at most is 4 MiB; texts of scopes are counted in UTF-16 code units. */
const maxOrderBytes = 1_048_576;
/** A standing without its scope, generously. */
const standingBytes = 1024;

/** Reports of one guard that wait; then its stream waits. */
const maxReports = 1000;

/**
 * One stream: a snapshot in parts, then each change at once, then answers to beats. What waits to be sent is the newest state of each task,
 * once: what changes while the snapshot is sent goes into one of its parts.
 */
export class GuardSession {
  readonly #deps: GuardSessionDeps;
  readonly #wake = new Wake();
  readonly #pending = new Map<TaskId, Task>();
  /** Told on this stream. */
  readonly #told = new Set<TaskId>();
  #isOpen = false;
  #snapshot: "due" | "under-way" | "sent" = "sent";
  #beatDue = false;
  /** Sequence of the last beat that was read, and of the last one that an order answers. */
  #beatRead = 0n;
  #beatAnswered = 0n;
  /** Up to which all changes were sent. */
  #revision = 0;
  /** Reports that are being taken in. */
  #reports: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #over = false;
  #failure: unknown;

  constructor(deps: GuardSessionDeps) {
    this.#deps = deps;
  }

  /** A task changed. */
  change(task: Task): void {
    if (!this.#isOpen) return;
    if (!this.#told.has(task.id) && !this.#deps.concerns(task)) return;
    this.#pending.set(task.id, task);
    this.#wake.ring();
  }

  /** Which tasks concern the guard may be others now. */
  reconsider(): void {
    if (!this.#isOpen) return;
    for (const task of this.#deps.live.all()) if (!this.#told.has(task.id)) this.change(task);
  }

  /** To the end of the stream. @throws {StatusError} INVALID_ARGUMENT */
  async *serve(messages: AsyncIterable<GuardMessage>): AsyncGenerator<Sent<GuardOrder>> {
    const { signal } = this.#deps;
    const stop = (): void => this.#end(undefined);
    signal.addEventListener("abort", stop, { once: true });
    const reading = this.#read(messages).then(
      () => this.#end(undefined),
      (error: unknown) => this.#end(error),
    );
    try {
      while (!this.#over) {
        await this.#wake.next();
        const order = this.#takeOrder();
        if (order !== undefined) yield order;
      }
      if (this.#failure !== undefined && !signal.aborted) throw this.#failure;
    } finally {
      signal.removeEventListener("abort", stop);
      this.#isOpen = false;
      void reading;
    }
  }

  #end(error: unknown): void {
    this.#over = true;
    this.#failure = error;
    this.#wake.ring();
  }

  async #read(messages: AsyncIterable<GuardMessage>): Promise<void> {
    const { guard } = this.#deps;
    for await (const { hello, beat, report } of messages) {
      guard.heardAt = performance.now();
      if (hello) this.#open(hello);
      else if (!this.#isOpen) throw invalidArgument("the first message is a hello");
      if (beat) {
        guard.seenRevision = Math.max(guard.seenRevision, Number(beat.seen_revision));
        this.#beatDue = true;
        this.#beatRead = BigInt(beat.sequence);
        this.#wake.ring();
        this.#deps.heard();
      }
      if (report) await this.#takeReport(report);
    }
  }

  /** In their order, beside the beats: what is written for a long report must not fence the guard that made it. */
  async #takeReport(report: GuardReport): Promise<void> {
    if (this.#waiting >= maxReports) await this.#reports;
    this.#waiting += 1;
    this.#reports = this.#reports
      .then(async () => await this.#deps.report(report))
      .catch((error: unknown) => this.#end(error))
      .finally(() => (this.#waiting -= 1));
  }

  #open({ kind, process_age_ms: age }: GuardHello): void {
    const { guard } = this.#deps;
    if (kind !== guard.kind) throw invalidArgument(`this is the stream of a guard of kind ${guard.kind}`);
    if (this.#isOpen) throw invalidArgument("a second hello");
    if (age !== "0") guard.processes.set(this, performance.now() - Number(age));
    this.#isOpen = true;
    this.#snapshot = "due";
    this.#wake.ring();
  }

  #takeOrder(): Sent<GuardOrder> | undefined {
    const { live, isFresh } = this.#deps;
    const snapshot = this.#snapshot !== "sent";
    const isUpToDate = isFresh();
    const beat = this.#beatDue && isUpToDate;
    if (isUpToDate) this.#beatAnswered = this.#beatRead;
    if (this.#snapshot === "due")
      for (const task of live.all()) if (this.#deps.concerns(task)) this.#pending.set(task.id, task);
    const tasks = this.#takePending();
    const isWhole = this.#pending.size === 0;
    if (snapshot) this.#snapshot = isWhole ? "sent" : "under-way";
    this.#beatDue = false;
    if (!snapshot && !beat && tasks.length === 0) return undefined;
    // A guard that has taken a part over has not taken the whole.
    if (isWhole) this.#revision = live.revision;
    else this.#wake.ring();
    const isBeat = beat && !snapshot && tasks.length === 0;
    const answered = String(isWhole ? this.#beatAnswered : 0n);
    return { revision: String(this.#revision), beat: isBeat, tasks, snapshot, answered, more: snapshot && !isWhole };
  }

  /** The oldest changes that fit into a message. */
  #takePending(): readonly Sent<TaskStanding>[] {
    const standings: Sent<TaskStanding>[] = [];
    let bytes = 0;
    for (const task of this.#pending.values()) {
      const standing = standingOf(task, this.#deps.trustDomain);
      bytes += standingBytes + (standing.scope_json?.length ?? 0);
      if (bytes > maxOrderBytes && standings.length > 0) break;
      standings.push(standing);
      this.#pending.delete(task.id);
      this.#note(task);
    }
    return standings;
  }

  #note({ id, state }: Task): void {
    const { guard } = this.#deps;
    if (state === "ended") this.#told.delete(id);
    else this.#told.add(id);
    if (state === "active") guard.told.add(id);
    if (state === "ended") guard.forget(id);
  }
}
