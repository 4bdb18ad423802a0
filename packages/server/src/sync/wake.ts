// SPDX-License-Identifier: Apache-2.0

/** One sleeper, many bells: rings that come while nobody sleeps are one ring. */
export class Wake {
  #rung = false;
  #sleeper: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#sleeper?.();
  }

  /** Resolves at the next ring, at once when one came since the last time. */
  async next(): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        this.#sleeper = resolve;
      });
    }
    this.#sleeper = undefined;
    this.#rung = false;
  }
}
