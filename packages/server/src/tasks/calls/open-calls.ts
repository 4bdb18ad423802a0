// SPDX-License-Identifier: Apache-2.0
import type { Call, CallOutcome, CallStore, Task } from "@mayfly/tasks";
import type { RecordStore } from "@mayfly/datastore";
import { JournalError } from "@mayfly/journal";
import type { Clock } from "../../clock.ts";
import { notFound } from "../../rpc/wire/refusal.ts";
import type { Fact, Recorder } from "../record/recorder.ts";

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

/** What is known of a call that was let through. */
type OpenCall = Pick<Call, "taskId" | "server" | "tool" | "guard" | "approvalId">;

/** With the index of its intent, undefined where that was not written. */
interface BegunCall extends OpenCall {
  readonly recorded: Promise<number | undefined>;
}

/** Calls that were let through and whose outcome is not recorded yet. Each gets exactly one, first in the record, then in the store. */
export class OpenCalls {
  readonly #deps: OpenCallsDeps;
  /** Let through by this process and not finished: what the store and the record would say of them. */
  readonly #begun = new Map<string, BegunCall>();
  readonly #finishing = new Map<string, Promise<number>>();

  constructor(deps: OpenCallsDeps) {
    this.#deps = deps;
  }

  /** A call is about to be let through: before the store can know of it, so that no end of its task is missed. */
  begun(id: string, { taskId, server, tool, guard, approvalId }: OpenCall, recorded: BegunCall["recorded"]): void {
    this.#begun.set(id, { taskId, server, tool, guard, approvalId, recorded });
  }

  /** It was not let through after all. */
  forget(id: string): void {
    this.#begun.delete(id);
  }

  /** It may not be made, though the store has it: there was no record of it. */
  async abandon(id: string): Promise<void> {
    this.#begun.delete(id);
    const { calls, clock } = this.#deps;
    await calls.finish(id, { state: "failed", detail: "RECORD_UNAVAILABLE", at: clock.now() });
  }

  /**
   * Idempotent: the first outcome stays. Gives its index. A gateway speaks for its own calls. A call whose outcome can't be recorded stays
   * open. @throws {StatusError} NOT_FOUND @throws {JournalError} LOG_UNAVAILABLE: try again
   */
  async finish(finish: Finish): Promise<number> {
    // One at a time for each call, so that none gets two.
    const before: Promise<unknown> = this.#finishing.get(finish.id) ?? Promise.resolve();
    const finishing = before.catch(() => undefined).then(async () => await this.#finish(finish));
    this.#finishing.set(finish.id, finishing);
    try {
      return await finishing;
    } finally {
      if (this.#finishing.get(finish.id) === finishing) this.#finishing.delete(finish.id);
    }
  }

  /**
   * Of tasks that end whose gateway never said what came of them: nobody will know any more. Where no record can be written the task ends
   * all the same, and they are closed later.
   */
  async close(tasks: readonly Task[]): Promise<void> {
    const all = await Promise.all(tasks.map(({ id }) => this.#deps.calls.list(id)));
    const open = all.flat().filter(({ state }) => state === "begun");
    const fields = { state: "unknown", detail: "TASK_ENDED" } as const;
    await Promise.allSettled(open.map(({ id, guard }) => this.finish({ id, by: guard, ...fields })));
  }

  async #finish(finish: Finish): Promise<number> {
    const { id, by, state, detail } = finish;
    const { calls, clock } = this.#deps;
    const known = this.#begun.get(id);
    const call = known ?? (await calls.get(id));
    if (call === undefined || call.guard !== by) throw notFound("there is no such call of this gateway");
    const [intent, outcome] = known === undefined ? await this.#deps.record.find(id) : [await known.recorded];
    const index = outcome ?? (await this.#record(id, intent, outcomeOf(call, finish)));
    await calls.finish(id, { state, detail, at: clock.now() });
    return index;
  }

  async #record(id: string, intent: number | undefined, fact: Fact): Promise<number> {
    const { recorder } = this.#deps;
    // Another try looks into the record.
    this.#begun.delete(id);
    // An outcome without intent would be a lie of another kind.
    const index = intent === undefined ? await recorder.note(fact) : await recorder.outcome(id, fact);
    if (index === undefined) throw new JournalError("LOG_UNAVAILABLE", "the outcome of a call can't be recorded now");
    return index;
  }
}

function outcomeOf({ taskId, server, tool, approvalId }: OpenCall, { by, state, detail, durationMs }: Finish): Fact {
  const body = { result: state, detail, ...(durationMs !== undefined && { duration_ms: durationMs }) };
  const about = { task: taskId, tool: `${server}/${tool}`, ...(approvalId && { approval: approvalId }) };
  return { kind: "call", actor: by, ...about, body };
}
