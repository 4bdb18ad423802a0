// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { StatusError } from "@mayfly/rpc";

const worker = fileURLToPath(new URL("./worker.ts", import.meta.url));

/** A process of its own that does what its standard input says, line by line, and answers each with one line. */
export class Worker implements Disposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(socket: string) {
    this.#child = spawn(process.execPath, ["--conditions=@mayfly/source", worker, socket], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    if (this.#child.stdout === null) throw new TypeError("no standard output");
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async next(): Promise<string> {
    const { done, value } = await this.#lines.next();
    return done === true ? "gone" : value;
  }

  async ask(...words: readonly string[]): Promise<string> {
    this.#child.stdin?.write(`${words.join(" ")}\n`);
    return await this.next();
  }

  async end(): Promise<void> {
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }

  [Symbol.dispose](): void {
    this.#child.kill("SIGKILL");
  }
}

/** What the attempt was refused with. */
export async function refusalOf(attempt: Promise<unknown>): Promise<StatusError> {
  const outcome = await attempt.then(
    (value) => value,
    (error: unknown) => error,
  );
  if (outcome instanceof StatusError) return outcome;
  throw new Error(`expected a refusal, got ${JSON.stringify(outcome)}`);
}

/** Waits for the condition. */
export async function until(condition: () => boolean, timeoutMs = 10_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`it did not come to that: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
