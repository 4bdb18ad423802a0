// SPDX-License-Identifier: Apache-2.0
import { Wake } from "../../sync/wake.ts";

/** Grants of one end as they are proven gone, for any number of those who follow it. */
export class ProvenGrants<ProvenGrant> {
  readonly #gone: ProvenGrant[] = [];
  readonly #watchers = new Set<Wake>();

  add(grant: ProvenGrant): void {
    this.#gone.push(grant);
    this.ring();
  }

  /** Something moved: those who follow look again. */
  ring(): void {
    for (const watcher of this.#watchers) watcher.ring();
  }

  /** All of them, in the order in which they were proven, until it is over or the signal. */
  async *follow(isOver: () => boolean, signal: AbortSignal): AsyncGenerator<ProvenGrant> {
    const wake = new Wake();
    const ring = (): void => wake.ring();
    this.#watchers.add(wake);
    signal.addEventListener("abort", ring, { once: true });
    try {
      for (let at = 0; ; ) {
        for (; at < this.#gone.length; at += 1) {
          const grant = this.#gone[at];
          if (grant !== undefined) yield grant;
        }
        if (isOver() || signal.aborted) return;
        await wake.next();
      }
    } finally {
      this.#watchers.delete(wake);
      signal.removeEventListener("abort", ring);
    }
  }
}
