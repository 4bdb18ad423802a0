// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { TestToolServer } from "../../../gateway/test/world/tool-server.ts";

/** A call that runs at the tool server. */
export interface RunningCall {
  /** The gateway's word about it. */
  readonly statement: string;
  /** Lets it be answered. */
  readonly release: () => void;
}

interface CallBody {
  readonly params: { readonly arguments: { readonly task: string }; readonly _meta: Readonly<Record<string, string>> };
}

const paceMs = 2;

/** Calls of the tool `slow` by the task that is named in their arguments. */
export class CallDesk {
  readonly #tools: TestToolServer;
  readonly #statements = new Map<string, string>();
  readonly #releases = new Map<string, () => void>();
  #read = 0;
  #ran = 0;

  constructor(tools: TestToolServer) {
    this.#tools = tools;
  }

  /** Waits for the task's call. */
  async take(task: string): Promise<RunningCall> {
    for (;;) {
      this.#look();
      const [statement, release] = [this.#statements.get(task), this.#releases.get(task)];
      if (statement !== undefined && release !== undefined) return { statement, release };
      await sleep(paceMs);
    }
  }

  #look(): void {
    for (const { body } of this.#tools.calls.slice(this.#read)) {
      const { params } = JSON.parse(body) as CallBody;
      this.#statements.set(params.arguments.task, params._meta["mayfly/statement"] ?? "");
    }
    this.#read = this.#tools.calls.length;
    // The tool notes what it runs and holds the call in the same turn: the n-th of one is the n-th of the other.
    const held = [...this.#tools.held].slice(this.#ran);
    for (const [index, { args }] of this.#tools.ran.slice(this.#ran).entries()) {
      const release = held[index];
      if (release !== undefined) this.#releases.set((args as { readonly task: string }).task, release);
    }
    this.#ran = this.#tools.held.size;
  }
}
