// SPDX-License-Identifier: Apache-2.0
import type { LogRecord } from "@mayfly/journal";
import { bodyText, type Signal, type SignalName, signals } from "./signal.ts";

/** What an outcome says when the act was done. */
const done: ReadonlySet<string> = new Set(["done", "begun", "exists"]);

/** A call that failed was let through all the same. */
function isUndone(record: LogRecord): boolean {
  const result = bodyText(record, "result");
  return record.kind === "call" ? result === "refused" : !done.has(result);
}

const all = Object.entries(signals) as readonly (readonly [SignalName, Signal])[];

/** How often a record shows something, and where last. */
export interface Shown {
  count: number;
  /** When it was last shown; undefined = never. */
  lastAt: string | undefined;
  /** Index of that record: `mayfly log prove --index` gives its receipt. */
  lastIndex: number | undefined;
}

/** Counts what records show, as they come. */
export class Tally {
  readonly #shown = new Map<SignalName, Shown>(
    all.map(([name]) => [name, { count: 0, lastAt: undefined, lastIndex: undefined }]),
  );
  /** What an intent was counted as, until its outcome is read. */
  readonly #open = new Map<string, readonly SignalName[]>();

  add(index: number, record: LogRecord): void {
    const { id, phase, at } = record;
    const names = all.filter(([, { shows }]) => shows(record)).map(([name]) => name);
    for (const name of names) {
      const shown = this.#shown.get(name);
      if (shown === undefined) continue;
      shown.count += 1;
      shown.lastAt = at;
      shown.lastIndex = index;
    }
    if (phase === "intent") this.#open.set(id, names);
    if (phase !== "outcome") return;
    if (isUndone(record)) this.#takeBack(this.#open.get(id) ?? []);
    this.#open.delete(id);
  }

  shown(name: SignalName): Shown {
    return this.#shown.get(name) ?? { count: 0, lastAt: undefined, lastIndex: undefined };
  }

  #takeBack(names: readonly SignalName[]): void {
    for (const name of names) {
      const shown = this.#shown.get(name);
      if (shown !== undefined && name !== "records") shown.count -= 1;
    }
  }
}
