// SPDX-License-Identifier: Apache-2.0
import { JournalError } from "./errors.ts";
import type { LogProblem, LogProblemCode } from "./log-problem.ts";
import type { LogRecord } from "./record.ts";
import { parseRecord } from "./record-codec.ts";

const maxStepBackMs = 30_000;
const maxProblems = 1000;

/** Checks what records say one after the other: ids, intents and outcomes, time. */
export class RecordSequence {
  readonly #problems: LogProblem[] = [];
  readonly #seen = new Set<string>();
  /** Allowed and not ended yet: index by id. */
  readonly #open = new Map<string, { readonly index: number; readonly at: number }>();
  #latest = Number.NEGATIVE_INFINITY;

  /** The next entry of the log. */
  add(entry: Uint8Array, index: number): void {
    let record: LogRecord;
    try {
      record = parseRecord(entry);
    } catch (error) {
      if (!(error instanceof JournalError)) throw error;
      this.#report("RECORD_MALFORMED", index, `record ${String(index)}: ${error.message}`);
      return;
    }
    this.#addTime(record, index);
    this.#addPhase(record, index);
  }

  /** What is wrong, the first 1,000 things in their order; an intent may be without its outcome for `graceMs` before the newest record. */
  problems(graceMs: number): readonly LogProblem[] {
    const late = [...this.#open].filter(([, { at }]) => this.#latest - at >= graceMs);
    const unfinished = late.map(([id, { index }]): LogProblem => {
      return { code: "INTENT_WITHOUT_OUTCOME", index, message: `nothing says how ${JSON.stringify(id)} ended` };
    });
    return [...this.#problems, ...unfinished].toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0)).slice(0, maxProblems);
  }

  #addTime({ at }: LogRecord, index: number): void {
    const time = Date.parse(at);
    const backMs = this.#latest - time;
    if (backMs > maxStepBackMs) {
      this.#report(
        "TIME_RAN_BACK",
        index,
        `the time of record ${String(index)} is ${String(backMs)} ms before an earlier one`,
      );
    }
    this.#latest = Math.max(this.#latest, time);
  }

  #addPhase({ id, phase, decision, at }: LogRecord, index: number): void {
    if (this.#seen.has(`${phase} ${id}`)) {
      this.#report("DUPLICATE_ID", index, `there is a second ${phase} with the id ${JSON.stringify(id)}`);
      return;
    }
    this.#seen.add(`${phase} ${id}`);
    if (phase === "intent" && decision === "allow") this.#open.set(id, { index, at: Date.parse(at) });
    if (phase !== "outcome") return;
    this.#open.delete(id);
    if (!this.#seen.has(`intent ${id}`)) {
      this.#report("OUTCOME_WITHOUT_INTENT", index, `no intent comes before the outcome ${JSON.stringify(id)}`);
    }
  }

  #report(code: LogProblemCode, index: number, message: string): void {
    if (this.#problems.length < maxProblems) this.#problems.push({ code, index, message });
  }
}
