// SPDX-License-Identifier: Apache-2.0
import { type Tier, tiers } from "@mayfly/tasks";
import type { Logger } from "@mayfly/telemetry";
import type { CallLedger, PlainDecision } from "../ports/call-ledger.ts";

/** Refusals that are being told; with more, the next ones are only counted. */
const maxUntold = 64;

/** Tells the ledger of decisions that begin no call. */
export class DecisionRecord {
  readonly #ledger: Pick<CallLedger, "recordDecision">;
  readonly #log: Logger;
  #untold = 0;
  #passedOver = 0;

  constructor(ledger: Pick<CallLedger, "recordDecision">, log: Logger) {
    this.#ledger = ledger;
    this.#log = log;
  }

  /** Whether a decision may be shown: where the tier asks for the record before the act, only when it has it. */
  async mayStand(decision: PlainDecision, tier: Tier): Promise<boolean> {
    return (await this.#tell(decision)) || tiers[tier].audit !== "write-ahead";
  }

  /** A no stands, recorded or not: nobody waits. */
  refused(decision: PlainDecision): void {
    if (this.#untold >= maxUntold) {
      this.#passedOver += 1;
      return;
    }
    this.#untold += 1;
    void this.#tell(decision).finally(() => {
      this.#untold -= 1;
      if (this.#untold > 0 || this.#passedOver === 0) return;
      this.#log.error("refusals_not_recorded", { count: this.#passedOver });
      this.#passedOver = 0;
    });
  }

  async #tell(decision: PlainDecision): Promise<boolean> {
    try {
      await this.#ledger.recordDecision(decision);
      return true;
    } catch (error) {
      const { kind, taskId, decisionId } = decision;
      this.#log.error("decision_not_recorded", { kind, task_id: taskId, decision_id: decisionId, error });
      return false;
    }
  }
}
