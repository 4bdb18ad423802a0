// SPDX-License-Identifier: Apache-2.0
import { type Call, type CallStore, tiers } from "@mayfly/tasks";
import type { Logger } from "@mayfly/telemetry";
import type { Clock } from "../../clock.ts";
import { fencedAt, isSilent } from "../ending/silence.ts";
import type { GuardHub } from "../standing/guard-hub.ts";
import type { GuardState } from "../standing/guard-state.ts";
import type { LiveTasks } from "../standing/live-tasks.ts";
import type { OpenCalls } from "./open-calls.ts";

/** What calls of lost gateways are found by. */
export interface LostCallsDeps {
  readonly calls: Pick<CallStore, "openGuards" | "openOf">;
  readonly openCalls: OpenCalls;
  readonly guards: GuardHub;
  readonly live: LiveTasks;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of this server, ms of the monotonic clock. */
  readonly startedAt: number;
  /** By a clock that stepped a call may look older than it is. */
  readonly clockIsBelieved: () => boolean;
}

const everyMs = 1000;
/** So long after its start calls may be left of the process before it. */
const youngMs = 60_000;
/** Of the looks one in so many is at the calls of all gateways. */
const fullLook = 30;

/**
 * Gives calls the outcome `unknown` whose gateway has not been heard for longer than the fence of their task: it allows nothing any more, and
 * what it had begun it has cut. So it is with what an earlier process of the gateway had begun, a fence after the present one came. What the
 * gateway holds (connections) is left to the end of the task. Also those whose task has ended while no record could be written.
 */
export class LostCalls implements AsyncDisposable {
  readonly #deps: LostCallsDeps;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;
  #looks = 0;

  constructor(deps: LostCallsDeps) {
    this.#deps = deps;
    this.#timer = setInterval(() => void this.#look(), everyMs).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** One at a time; never rejects. */
  #look(): Promise<void> {
    this.#running ??= this.#close()
      .catch((error: unknown) => {
        this.#deps.logger.warn("lost_calls_not_closed", { error: (error as Error).message });
      })
      .finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #close(): Promise<void> {
    const { calls, guards, logger, live, clockIsBelieved } = this.#deps;
    this.#looks += 1;
    if (!clockIsBelieved()) return;
    for (const by of await calls.openGuards()) {
      const guard = guards.guard(by);
      const isDue = isSilent(guard) || isYoung(guard) || this.#looks % fullLook === 0;
      if (!isDue) continue;
      const open = await calls.openOf(by);
      const left = open.filter(({ taskId }) => live.get(taskId) === undefined);
      const lost = open.filter((call) => this.#isLost(call));
      if (lost.length > 0) logger.warn("gateway_lost", { guard: by, calls: lost.length });
      await this.#finish(left, "TASK_ENDED");
      await this.#finish(lost, "GATEWAY_LOST");
    }
  }

  async #finish(calls: readonly Call[], detail: string): Promise<void> {
    const { openCalls } = this.#deps;
    await Promise.all(calls.map(({ id, guard: by }) => openCalls.finish({ id, by, state: "unknown", detail })));
  }

  #isLost({ guard, taskId, begunAt }: Call): boolean {
    const { guards, live, clock, startedAt } = this.#deps;
    const [task, state, now] = [live.get(taskId), guards.guard(guard), performance.now()];
    if (task === undefined) return false;
    const { fenceMs } = tiers[task.tier];
    const age = clock.now().getTime() - begunAt.getTime();
    // Whoever began a call was there, with or without a stream.
    if (isSilent(state)) return age >= fenceMs && fencedAt(state, startedAt, [task]) <= now;
    // Another process of the gateway, which began the call, would have come back by now, or is fenced.
    const oldest = state?.oldestProcess;
    return oldest !== undefined && age > now - oldest && now - (state?.streamsChangedAt ?? now) >= fenceMs;
  }
}

function isYoung(guard: GuardState | undefined): boolean {
  const oldest = guard?.oldestProcess;
  return oldest !== undefined && performance.now() - oldest < youngMs;
}
