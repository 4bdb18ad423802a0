// SPDX-License-Identifier: Apache-2.0
import type { Bot } from "./world/bot.ts";
import { DemoWorld, type StartedTask } from "./world/demo-world.ts";

/** What one beat leaves for the next ones. */
interface Memory {
  world: DemoWorld;
  task: StartedTask;
  /** The agent that works on the task. */
  bot: Bot;
  /** Of its SVID, lower-case hex as in the record. */
  serial: string;
  /** Role at the database. */
  role: string;
  /** The approval that was asked for. */
  approval: string;
  /** The sub-agent and its task. */
  scribe: Bot;
  scribeTask: string;
}

/** The demo as it goes on: who reads what no beat has left yet finds an error. */
export class Story implements AsyncDisposable {
  readonly signal: AbortSignal | undefined;
  readonly #memory: Partial<Memory> = {};

  constructor(signal?: AbortSignal) {
    this.signal = signal;
  }

  /** @throws {Error} when no beat before left it */
  get<Name extends keyof Memory>(name: Name): Memory[Name] {
    const found = this.#memory[name];
    if (found === undefined) throw new Error(`no beat before told of ${name}`);
    return found;
  }

  set<Name extends keyof Memory>(name: Name, value: Memory[Name]): void {
    this.#memory[name] = value;
  }

  get world(): DemoWorld {
    return this.get("world");
  }

  /** Starts the world; it ends with the story. */
  async open(): Promise<DemoWorld> {
    const world = await DemoWorld.start(this.signal);
    this.set("world", world);
    return world;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#memory.world?.[Symbol.asyncDispose]();
  }
}

/** One beat: its title says what is shown, its lines what was measured. @throws when the outcome is another one */
export interface Beat {
  readonly title: string;
  run(story: Story): Promise<readonly string[]>;
}
