// SPDX-License-Identifier: Apache-2.0
import type { Executor } from "../sqlite/executor.ts";
import type { FromWorker, StoreRequest } from "./protocol.ts";

/**
 * The worker's writes, commit by commit; reads that came meanwhile have their turn in between. What goes first shares the next commit with
 * what is left of the group.
 */
export class WriteQueue {
  readonly #executor: Executor;
  readonly #send: (message: FromWorker) => void;
  #first: StoreRequest[] = [];
  #group: StoreRequest[] = [];
  #isRunning = false;

  constructor(executor: Executor, send: (message: FromWorker) => void) {
    this.#executor = executor;
    this.#send = send;
  }

  /** A whole group; the one before is done. */
  add(group: readonly StoreRequest[]): void {
    this.#group.push(...group);
    this.#start();
  }

  addFirst(requests: readonly StoreRequest[]): void {
    this.#first.push(...requests);
    this.#start();
  }

  /** What was sent together, in more than one message, shares a commit. */
  #start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    setImmediate(() => this.#commit());
  }

  #commit(): void {
    const hadGroup = this.#group.length > 0;
    const ahead = this.#first.length;
    const outcome = this.#executor.write([...this.#first, ...this.#group]);
    const done = outcome.results.length;
    this.#first.splice(0, done);
    this.#group.splice(0, Math.max(done - ahead, 0));
    this.#send({ ...outcome, isGroupDone: hadGroup && this.#group.length === 0 });
    this.#isRunning = this.#first.length + this.#group.length > 0;
    if (this.#isRunning) setImmediate(() => this.#commit());
  }
}
