// SPDX-License-Identifier: Apache-2.0
import type { Selector } from "@mayfly/registration";

/** Counts the kinds of selectors in a changing set of entries. */
export class SelectorKinds {
  readonly #counts = new Map<string, number>();
  #current: ReadonlySet<string> | undefined;

  /** As `type:key`, such as `unix:sha256`; another object only when the kinds are others. */
  get current(): ReadonlySet<string> {
    this.#current ??= new Set(this.#counts.keys());
    return this.#current;
  }

  /** An entry with these selectors came (1) or went (-1). */
  count(selectors: readonly Selector[], change: 1 | -1): void {
    for (const { type, value } of selectors) {
      const kind = `${type}:${value.split(":", 1)[0] ?? ""}`;
      const before = this.#counts.get(kind) ?? 0;
      const after = before + change;
      if (after === 0) this.#counts.delete(kind);
      else this.#counts.set(kind, after);
      if (before === 0 || after === 0) this.#current = undefined;
    }
  }
}
