// SPDX-License-Identifier: Apache-2.0

/** Rest for each unit of work: what is asked for meanwhile is done together afterwards. */
const restPerWork = 3;

/** Does something at once when it is asked for, and for those who ask while it rests from that, once more. */
export class PacedLook implements Disposable {
  readonly #look: () => void;
  #timer: NodeJS.Timeout | undefined;
  #restsUntil = 0;

  /** @param look synchronous; its own time is what it rests from */
  constructor(look: () => void) {
    this.#look = look;
  }

  ask(): void {
    if (this.#timer !== undefined) return;
    const restMs = this.#restsUntil - performance.now();
    if (restMs < 1) return this.#run();
    this.#timer = setTimeout(() => this.#run(), restMs).unref();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #run(): void {
    this.#timer = undefined;
    const started = performance.now();
    this.#look();
    const ended = performance.now();
    this.#restsUntil = ended + restPerWork * (ended - started);
  }
}
