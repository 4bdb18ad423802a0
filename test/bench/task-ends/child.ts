// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

interface Failure {
  readonly failed: string;
}

/** A program of the bench in a process of its own, spoken to by IPC; words are read in their order. */
export class Child<Order extends object, Word extends object> implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #words: Word[] = [];
  readonly #wake = new EventTarget();
  #failure: Error | undefined;

  constructor(program: URL, args: readonly string[] = []) {
    this.#process = fork(fileURLToPath(program), [...args], { execArgv: ["--conditions=@mayfly/source"] });
    this.#process.on("message", (word: Word | Failure) => {
      if ("failed" in word) this.#failure = new Error(word.failed);
      else this.#words.push(word);
      this.#wake.dispatchEvent(new Event("word"));
    });
    this.#process.once("exit", (code) => {
      this.#failure ??= new Error(`a program of the bench ended with ${String(code)}`);
      this.#wake.dispatchEvent(new Event("word"));
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  tell(order: Order): void {
    if (this.#process.connected) this.#process.send(order);
  }

  /** The next word. @throws {Error} when the program failed */
  async word(): Promise<Word> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const word = this.#words.shift();
      if (word !== undefined) return word;
      await once(this.#wake, "word");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    await exited;
  }
}
