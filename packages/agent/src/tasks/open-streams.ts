// SPDX-License-Identifier: Apache-2.0
import type { StatusError } from "@mayfly/rpc";
import type { WorkloadCall } from "../workload-api/workload-deps.ts";

/** Streams of workloads that are open, by process: so that those of a task can be ended at once, even of one who does not read. */
export class OpenStreams {
  readonly #byPid = new Map<number, Set<WorkloadCall>>();

  /** The stream's messages; it counts as open until they end. */
  async *follow<T>(
    call: WorkloadCall,
    messages: AsyncGenerator<T, never, undefined>,
  ): AsyncGenerator<T, void, undefined> {
    const { pid } = call.peer;
    const calls = this.#byPid.get(pid) ?? new Set();
    this.#byPid.set(pid, calls.add(call));
    try {
      yield* messages;
    } finally {
      calls.delete(call);
      if (calls.size === 0 && this.#byPid.get(pid) === calls) this.#byPid.delete(pid);
    }
  }

  /** Ends all streams of these processes with this status; gives how many there were. */
  end(pids: readonly number[], status: StatusError): number {
    const calls = pids.flatMap((pid) => [...(this.#byPid.get(pid) ?? [])]);
    for (const call of calls) call.end(status);
    return calls.length;
  }
}
