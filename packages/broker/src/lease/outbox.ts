// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@mayfly/telemetry";
import { LeaseError } from "../errors.ts";
import type { LeaseReport } from "./lease.ts";
import type { LeaseLedger } from "./lease-ledger.ts";

const firstWaitMs = 100;
const longestWaitMs = 5_000;
const atOnce = 16;

/** Reports on their way to the server: of each lease the newest, again until the server has it. */
export class Outbox {
  readonly #ledger: Pick<LeaseLedger, "report">;
  readonly #logger: Logger;
  readonly #signal: AbortSignal;
  readonly #waiting = new Map<string, LeaseReport>();
  #isSending = false;
  #sent: Promise<void> = Promise.resolve();

  constructor(ledger: Pick<LeaseLedger, "report">, logger: Logger, signal: AbortSignal) {
    this.#ledger = ledger;
    this.#logger = logger;
    this.#signal = signal;
  }

  put(report: LeaseReport): void {
    this.#waiting.set(report.id, report);
    if (!this.#isSending) this.#sent = this.#send();
  }

  /** Resolves when nothing waits, or with the signal. */
  async flush(): Promise<void> {
    while (this.#isSending) await this.#sent;
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    for (let waitMs = firstWaitMs; this.#waiting.size > 0 && !this.#signal.aborted; ) {
      const batch = [...this.#waiting.values()].slice(0, atOnce);
      const sent = await Promise.all(batch.map((report) => this.#deliver(report)));
      if (sent.every(Boolean)) {
        waitMs = firstWaitMs;
        continue;
      }
      await sleep(waitMs, undefined, { signal: this.#signal }).catch(() => undefined);
      waitMs = Math.min(waitMs * 2, longestWaitMs);
    }
    // In the same turn as the last look: what is put next begins anew.
    this.#isSending = false;
  }

  async #deliver(report: LeaseReport): Promise<boolean> {
    try {
      await this.#ledger.report(report);
      if (this.#waiting.get(report.id) === report) this.#waiting.delete(report.id);
      return true;
    } catch (error) {
      if (error instanceof LeaseError && error.code === "REFUSED") {
        // The server knows better: its task has ended meanwhile, say. What is not settled comes up in its list again.
        if (this.#waiting.get(report.id) === report) this.#waiting.delete(report.id);
        this.#logger.warn("lease_report_refused", { lease: report.id, state: report.state, error });
        return true;
      }
      this.#logger.warn("lease_report_failed", { lease: report.id, state: report.state, error });
      return false;
    }
  }
}
