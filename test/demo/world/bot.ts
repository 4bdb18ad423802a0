// SPDX-License-Identifier: Apache-2.0
import { Background, type ProgramUser } from "../../processes.ts";

/** One line of the agent's: what came of a command, or what happened meanwhile. */
export type BotAnswer = Readonly<Record<string, unknown>>;

/** The first answer waits for its program to start, on a machine that may have a lot to do. */
const answerMs = 60_000;

/** A running `ir-bot`: one JSON command a line in, one JSON answer a line out. */
export class Bot implements AsyncDisposable {
  readonly #process: Background;
  readonly #lines: AsyncGenerator<string>;

  constructor(command: readonly string[], env: Record<string, string>, user: ProgramUser | undefined) {
    this.#process = new Background(command, env, undefined, user);
    this.#lines = this.#process.lines();
  }

  get pid(): number {
    return this.#process.pid;
  }

  get log(): string {
    return this.#process.log;
  }

  /** Sends a command and takes the next line as its answer. @throws when it ends before, or stays silent */
  ask(command: Readonly<Record<string, unknown>>): Promise<BotAnswer> {
    this.#process.write(`${JSON.stringify(command)}\n`);
    return this.next(`an answer to ${JSON.stringify(command["do"])}`);
  }

  /** The next line. @throws as `ask` */
  async next(what = "a line"): Promise<BotAnswer> {
    const { promise: silence, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error(`ir-bot gave no ${what}: ${this.log}`)), answerMs);
    try {
      const line = await Promise.race([this.#lines.next(), silence]);
      if (line.done === true) throw new Error(`ir-bot ended without ${what}: ${this.log}`);
      return JSON.parse(line.value) as BotAnswer;
    } finally {
      clearTimeout(timer);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
