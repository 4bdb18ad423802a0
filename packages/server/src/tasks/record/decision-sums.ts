// SPDX-License-Identifier: Apache-2.0
import type { Clock } from "../../clock.ts";
import type { Fact, Recorder } from "./recorder.ts";

/** A decision as one of many of its kind. */
export interface SummedDecision {
  readonly act: string;
  /** Gateway that decided. */
  readonly actor: string;
  /** Undefined where no task is known: then those of the gateway are counted together. */
  readonly task: string | undefined;
  readonly allowed: boolean;
}

interface Sum {
  readonly decision: SummedDecision;
  count: number;
  /** Of those above the burst. */
  allowed: number;
  denied: number;
}

/** Recorded one by one, of each act and task in a window. */
const burst = 20;
const windowMs = 60_000;
/** Above this many in one window, acts and tasks are counted by gateway. */
const maxSums = 1000;

/**
 * Keeps an agent that asks in a loop from filling the disk: in each minute the first decisions of an act and task are recorded one by one,
 * the others as one record with their number. What a server that is killed had counted is lost: at most a minute of it.
 */
export class DecisionSums implements AsyncDisposable {
  readonly #recorder: Recorder;
  readonly #clock: Clock;
  readonly #timer: NodeJS.Timeout;
  #sums = new Map<string, Sum>();
  #since: Date;

  constructor({ recorder, clock }: { readonly recorder: Recorder; readonly clock: Clock }) {
    this.#recorder = recorder;
    this.#clock = clock;
    this.#since = clock.now();
    this.#timer = setInterval(() => void this.flush(), windowMs).unref();
  }

  /** True: it has been counted, and is not recorded by itself. */
  count(decision: SummedDecision): boolean {
    const sum = this.#sumOf(decision);
    sum.count += 1;
    if (sum.count <= burst) return false;
    sum[decision.allowed ? "allowed" : "denied"] += 1;
    return true;
  }

  /** Ends the window. */
  async flush(): Promise<void> {
    const sums = [...this.#sums.values()];
    const [since, until] = [this.#since.toISOString(), this.#clock.now().toISOString()];
    this.#sums = new Map();
    this.#since = this.#clock.now();
    const facts = sums.filter(({ count }) => count > burst).map((sum) => factOf(sum, { since, until }));
    await Promise.all(facts.map((fact) => this.#recorder.note(fact)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  #sumOf({ task, ...decision }: SummedDecision): Sum {
    const isFull = this.#sums.size >= maxSums;
    const named = `${decision.act} ${decision.actor} ${task ?? ""}`;
    const key = isFull && !this.#sums.has(named) ? `${decision.act} ${decision.actor} others` : named;
    const known = this.#sums.get(key);
    if (known !== undefined) return known;
    const sum = { decision: { ...decision, task: key === named ? task : undefined }, count: 0, allowed: 0, denied: 0 };
    this.#sums.set(key, sum);
    return sum;
  }
}

function factOf(
  { decision: { act, actor, task }, allowed, denied }: Sum,
  window: { readonly since: string; readonly until: string },
): Fact {
  return { kind: "decision", actor, ...(task !== undefined && { task }), body: { act, allowed, denied, ...window } };
}
