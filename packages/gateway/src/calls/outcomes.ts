// SPDX-License-Identifier: Apache-2.0
import type { Logger } from "@mayfly/telemetry";
import type { CallLedger, CallOutcome } from "../ports/call-ledger.ts";

const retryMs = [50, 250, 1000, 2000] as const;
const lastWaitMs = 4000;
/** With more outcomes than this to be told, nothing new is begun. */
const maxUntold = 1000;

/** Tells the ledger how calls ended, again and again until it has it: each intent gets its outcome. */
export class Outcomes implements AsyncDisposable {
  readonly #ledger: Pick<CallLedger, "finish">;
  readonly #log: Logger;
  readonly #untold = new Set<Promise<void>>();
  #taken = Promise.withResolvers<void>();
  #lastTry = false;

  constructor(ledger: Pick<CallLedger, "finish">, log: Logger) {
    this.#ledger = ledger;
    this.#log = log;
  }

  get isFull(): boolean {
    return this.#untold.size >= maxUntold;
  }

  tell(callId: string, outcome: CallOutcome): void {
    const telling = this.#tell(callId, outcome).finally(() => this.#untold.delete(telling));
    this.#untold.add(telling);
  }

  /** Waits a little for what is under way; what fails now is logged and given up. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#lastTry = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, lastWaitMs);
    await Promise.race([Promise.all(this.#untold), promise]);
    clearTimeout(timer);
    if (this.#untold.size > 0) this.#log.error("outcomes_not_recorded", { count: this.#untold.size });
  }

  async #tell(callId: string, outcome: CallOutcome): Promise<void> {
    let isWoken = false;
    for (let tries = 0; ; tries++) {
      try {
        await this.#ledger.finish(callId, outcome);
        return this.#wakeOthers();
      } catch (error) {
        const fields = { call_id: callId, outcome: outcome.outcome, error };
        if (this.#lastTry) return this.#log.error("outcome_not_recorded", fields);
        if (tries === 0) this.#log.warn("outcome_delayed", fields);
      }
      const pause = new Promise<void>((resolve) => {
        setTimeout(resolve, retryMs[Math.min(tries, retryMs.length - 1)]);
      });
      // Woken once: one that is refused for itself does not come again with every other.
      await (isWoken ? pause : Promise.race([pause, this.#taken.promise.then(() => (isWoken = true))]));
    }
  }

  /** A ledger that took one takes the others, before anybody can end their tasks. */
  #wakeOthers(): void {
    this.#taken.resolve();
    this.#taken = Promise.withResolvers<void>();
  }
}
