// SPDX-License-Identifier: Apache-2.0
import { printable } from "./failure.ts";

const eraseLine = "\r\u001b[K";

/** One line on a terminal's stderr that says what is being waited for, and goes away; nothing in a pipe. */
export class Progress implements Disposable {
  #shown = false;

  /** Replaces what is shown. */
  show(text: string): void {
    if (!process.stderr.isTTY) return;
    process.stderr.write(`${eraseLine}${printable(text)}`);
    this.#shown = true;
  }

  /** Takes it away, before something else is printed. */
  clear(): void {
    if (!this.#shown) return;
    process.stderr.write(eraseLine);
    this.#shown = false;
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}
