// SPDX-License-Identifier: Apache-2.0
import { type GuardReport, type RpcChannel, type Sent, StatusError } from "@mayfly/rpc";
import type { Logger } from "@mayfly/telemetry";
import { Backoff } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import { grpcCode } from "../grpc-code.ts";
import { describeError, type Standing } from "../standing.ts";
import { waitFor } from "../wake.ts";
import { runGuardStream } from "./guard-stream.ts";
import type { Silence } from "./silence.ts";
import type { StandingTable } from "./standing-table.ts";
import type { BindingsKeeper } from "./bindings-keeper.ts";
import type { TaskBindings } from "./task-bindings.ts";
import type { TaskCuts } from "./task-cuts.ts";
import type { TaskStanding } from "./task-standing.ts";

/** What guarding tasks needs. */
export interface TaskGuardDeps {
  readonly table: StandingTable;
  readonly bindings: TaskBindings;
  readonly keeper: BindingsKeeper;
  readonly silence: Silence;
  readonly cuts: TaskCuts;
  readonly standing: Standing;
  /** The channel to be used now; undefined while there is none. */
  readonly channel: () => RpcChannel | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Fences and deadlines are looked at this often. */
const tickMs = 100;
/** Whether processes ended: nothing hangs on it but memory, and what is on the disk. */
const sweepMs = 1000;

/** Keeps the feed of task states, puts orders in force, and fences what the feed does not confirm any more. */
export class TaskGuard {
  readonly #deps: TaskGuardDeps;
  #seen = "";

  constructor(deps: TaskGuardDeps) {
    this.#deps = deps;
  }

  /** Until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const timer = setInterval(() => this.#tell(), tickMs);
    const sweep = setInterval(() => this.#sweep(), sweepMs);
    try {
      await this.#follow(signal);
    } finally {
      clearInterval(timer);
      clearInterval(sweep);
    }
  }

  #sweep(): void {
    const { bindings, keeper, clock } = this.#deps;
    bindings.sweep(clock.now());
    void keeper.save();
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { standing, channel, log } = this.#deps;
    const backoff = new Backoff({ firstMs: 100, maxMs: 2000 });
    /** A server that knows no tasks, or an older one: it is not asked again on this channel. */
    let deaf: RpcChannel | undefined;
    while (!signal.aborted) {
      const changed = standing.changes.next;
      const current = channel();
      if (current === undefined || current === deaf) {
        await waitFor(changed, { signal });
        continue;
      }
      const error = await this.#watch(current, { signal, onOrder: () => backoff.reset() });
      signal.throwIfAborted();
      if (error instanceof StatusError && error.code === grpcCode.unimplemented) deaf = current;
      else if (channel() === current) {
        log.debug("guard_feed_lost", { error: describeError(error) });
        await this.#pause(current, { signal, pauseMs: backoff.nextMs() });
      }
    }
  }

  /** Not cut short by other changes than that of the channel. */
  async #pause(channel: RpcChannel, { signal, pauseMs }: { signal: AbortSignal; pauseMs: number }): Promise<void> {
    const end = performance.now() + pauseMs;
    for (let leftMs = pauseMs; leftMs > 0 && this.#deps.channel() === channel; leftMs = end - performance.now()) {
      await waitFor(this.#deps.standing.changes.next, { signal, timeoutMs: leftMs });
    }
  }

  /** What the stream ended with. */
  async #watch(
    channel: RpcChannel,
    { signal, onOrder }: { signal: AbortSignal; onOrder: () => void },
  ): Promise<unknown> {
    const { silence } = this.#deps;
    const take = (standings: readonly TaskStanding[], isSnapshot: boolean): readonly Sent<GuardReport>[] => {
      onOrder();
      return this.#take(standings, isSnapshot);
    };
    try {
      await runGuardStream(channel, { silence, take }, signal);
      return new StatusError(grpcCode.unavailable, "the server ended the stream");
    } catch (error) {
      return error;
    }
  }

  #take(standings: readonly TaskStanding[], isSnapshot: boolean): readonly Sent<GuardReport>[] {
    const { table, cuts } = this.#deps;
    const reports = cuts.cut(table.apply(standings, isSnapshot));
    this.#tell();
    return reports;
  }

  /** Wakes those who wait when a bound task stands otherwise than before. */
  #tell(): void {
    const { bindings, clock, standing, log } = this.#deps;
    if (bindings.size === 0 && this.#seen === "") return;
    const now = bindings.standingText(clock.now());
    if (now === this.#seen) return;
    if (now.includes("fenced") && !this.#seen.includes("fenced")) log.warn("tasks_fenced", {});
    this.#seen = now;
    standing.changes.notify();
  }
}
