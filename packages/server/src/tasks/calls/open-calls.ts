// SPDX-License-Identifier: Apache-2.0
import type { CallOutcome, CallStore, Task } from "@mayfly/tasks";
import type { RecordStore } from "@mayfly/datastore";
import type { Clock } from "../../clock.ts";
import { notFound } from "../../rpc/wire/refusal.ts";
import type { Recorder } from "../record/recorder.ts";

/** What calls are finished with. */
export interface OpenCallsDeps {
  readonly calls: CallStore;
  readonly record: Pick<RecordStore, "find">;
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly serverId: string;
}

interface Finish {
  readonly id: string;
  readonly by: string;
  readonly state: CallOutcome["state"];
  /** A code, no text of a tool's. */
  readonly detail: string;
  readonly durationMs?: number | undefined;
}

/** Calls that were let through and whose outcome is not recorded yet. Each gets exactly one, first in the record, then in the store. */
export class OpenCalls {
  readonly #deps: OpenCallsDeps;
  readonly #finishing = new Map<string, Promise<number | undefined>>();

  constructor(deps: OpenCallsDeps) {
    this.#deps = deps;
  }

  /** Idempotent: the first outcome stays. Gives its index. A gateway speaks for its own calls. @throws {StatusError} NOT_FOUND */
  async finish(finish: Finish): Promise<number | undefined> {
    // One at a time for each call, so that none gets two.
    const before = this.#finishing.get(finish.id) ?? Promise.resolve(undefined);
    const finishing = before.catch(() => undefined).then(async () => await this.#finish(finish));
    this.#finishing.set(finish.id, finishing);
    try {
      return await finishing;
    } finally {
      if (this.#finishing.get(finish.id) === finishing) this.#finishing.delete(finish.id);
    }
  }

  /** Of tasks that end whose gateway never said what came of them: nobody will know any more. */
  async close(tasks: readonly Task[]): Promise<void> {
    const all = await Promise.all(tasks.map(({ id }) => this.#deps.calls.list(id)));
    const open = all.flat().filter(({ state }) => state === "begun");
    const fields = { state: "unknown", detail: "TASK_ENDED" } as const;
    await Promise.all(open.map(({ id, guard }) => this.finish({ id, by: guard, ...fields })));
  }

  async #finish({ id, by, state, detail, durationMs }: Finish): Promise<number | undefined> {
    const { calls, record, recorder, clock } = this.#deps;
    const call = await calls.get(id);
    if (call === undefined || call.guard !== by) throw notFound("there is no such call of this gateway");
    const [intent, outcome] = await record.find(id);
    if (outcome !== undefined) {
      await calls.finish(id, { state, detail, at: clock.now() });
      return outcome;
    }
    const body = { result: state, detail, ...(durationMs !== undefined && { duration_ms: durationMs }) };
    const tool = `${call.server}/${call.tool}`;
    const { taskId: task, approvalId } = call;
    const fact = { kind: "call", actor: by, task, tool, ...(approvalId && { approval: approvalId }), body } as const;
    // An outcome without intent would be a lie of another kind.
    const index = intent === undefined ? await recorder.note(fact) : await recorder.outcome(id, fact);
    await calls.finish(id, { state, detail, at: clock.now() });
    return index;
  }
}
