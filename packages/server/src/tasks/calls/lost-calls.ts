// SPDX-License-Identifier: Apache-2.0
import { type Call, type CallStore, type Tier, tiers } from "@mayfly/tasks";
import type { Logger } from "@mayfly/telemetry";
import type { Clock } from "../../clock.ts";
import { fencedAt, isSilent } from "../ending/silence.ts";
import type { GuardHub } from "../standing/guard-hub.ts";
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
}

const everyMs = 1000;

/**
 * Gives calls the outcome `unknown` whose gateway has not been heard for longer than the fence of their task: it allows nothing any more, and
 * what it had begun it has cut. What the gateway holds (connections) is left to the end of the task.
 */
export class LostCalls implements AsyncDisposable {
  readonly #deps: LostCallsDeps;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;

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
    const { calls, openCalls, guards, logger } = this.#deps;
    for (const by of await calls.openGuards()) {
      if (!isSilent(guards.guard(by))) continue;
      const lost = (await calls.openOf(by)).filter((call) => this.#isLost(call));
      if (lost.length === 0) continue;
      logger.warn("gateway_lost", { guard: by, calls: lost.length });
      const fields = { by, state: "unknown", detail: "GATEWAY_LOST" } as const;
      await Promise.all(lost.map(({ id }) => openCalls.finish({ id, ...fields })));
    }
  }

  #isLost({ guard, taskId, begunAt }: Call): boolean {
    const { guards, live, clock, startedAt } = this.#deps;
    const task = live.get(taskId);
    const tier: Tier = task?.tier ?? "T3";
    // Whoever began a call was there, with or without a stream.
    const sinceBegin = clock.now().getTime() - begunAt.getTime();
    const fence = fencedAt(guards.guard(guard), startedAt, task === undefined ? [] : [task]);
    return sinceBegin >= tiers[tier].fenceMs && fence <= performance.now();
  }
}
