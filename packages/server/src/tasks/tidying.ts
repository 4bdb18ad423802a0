// SPDX-License-Identifier: Apache-2.0
import type { TaskLayer } from "./task-layer.ts";

const everyMs = 30_000;

/** Expires approvals and deletes tickets that are past their end. Nobody depends on it: an end counts at once. */
export class Tidying implements Disposable {
  readonly #layer: TaskLayer;
  readonly #timer: NodeJS.Timeout;

  constructor(layer: TaskLayer) {
    this.#layer = layer;
    this.#timer = setInterval(() => void this.#tidy(), everyMs).unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #tidy(): Promise<void> {
    const { stores, clock, recorder, serverId, logger } = this.#layer;
    try {
      await stores.tickets.prune(clock.now());
      for (const { request } of await stores.approvals.expire(clock.now())) {
        const { taskId: task, id: approval } = request;
        await recorder.note({ kind: "approval", actor: serverId, task, approval, body: { act: "expire" } });
      }
    } catch (error) {
      logger.warn("tidying_failed", { error: (error as Error).message });
    }
  }
}
