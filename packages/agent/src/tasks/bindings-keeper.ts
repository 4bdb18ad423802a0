// SPDX-License-Identifier: Apache-2.0
import { readProcessSpace, retakeProcess } from "@mayfly/attestation";
import type { Logger } from "@mayfly/telemetry";
import type { Clock } from "../clock.ts";
import { describeError } from "../standing.ts";
import { loadBindings, saveBindings, type StoredBinding, type StoredBindings } from "../state/bindings-file.ts";
import type { TaskBindings } from "./task-bindings.ts";

/** What keeping bindings needs. */
export interface BindingsKeeperDeps {
  /** Of the file. */
  readonly path: string;
  readonly bindings: TaskBindings;
  /** SPIFFE ID of the agent now. */
  readonly agentId: () => string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Keeps bindings over a restart of the agent (ADR 0016). The file proves nothing by itself: what is taken up again is a process that still
 * lives under the same id and start time, for a task that the server then still tells of.
 */
export class BindingsKeeper implements AsyncDisposable {
  readonly #deps: BindingsKeeperDeps;
  #writing: Promise<void> = Promise.resolve();
  #written = 0;
  #closed = false;

  constructor(deps: BindingsKeeperDeps) {
    this.#deps = deps;
  }

  /** Takes up what an earlier process of this agent left; whatever is in doubt is dropped, with a line in the log. @throws {AgentError} STATE_UNSAFE */
  async resume(agentId: string): Promise<void> {
    const stored = await loadBindings(this.#deps.path);
    if (stored === undefined) return;
    const reason = doubtOf(stored, agentId);
    if (reason !== undefined) this.#deps.log.warn("task_bindings_dropped", { reason });
    else if (stored !== "damaged") for (const binding of stored.bindings) this.#take(binding);
  }

  /** Resolves when the disk has what is bound now, or can't have it: then a restart forgets it, which only costs a new ticket. */
  async save(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#save());
    await this.#writing;
  }

  /** Nothing is written any more: the bindings that are let go of at the end are to be there after it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#writing;
  }

  #take(binding: StoredBinding): void {
    const { bindings, clock, log } = this.#deps;
    const { pid, taskId } = binding;
    const drop = (reason: string): void => log.info("task_binding_dropped", { task_id: taskId, pid, reason });
    if (binding.notAfter <= clock.now()) return drop("the task's deadline is past");
    const hold = retakeProcess(binding);
    if (hold === undefined) return drop("the process has ended");
    if (!bindings.bind(hold, binding)) return drop("the process is bound already");
    log.info("task_binding_resumed", { task_id: taskId, pid });
  }

  async #save(): Promise<void> {
    const { path, bindings, agentId, log } = this.#deps;
    const { revision } = bindings;
    const id = agentId();
    if (this.#closed || id === undefined || revision === this.#written) return;
    try {
      const processSpace = readProcessSpace();
      // Where start times can't be told apart from those of another boot, nothing is kept.
      if (processSpace === undefined) return;
      await saveBindings(path, { agentId: id, processSpace, bindings: bindings.stored() });
      this.#written = revision;
    } catch (error) {
      log.warn("task_bindings_not_saved", { error: describeError(error) });
    }
  }
}

function doubtOf(stored: StoredBindings | "damaged", agentId: string): string | undefined {
  if (stored === "damaged") return "the file is damaged";
  if (stored.agentId !== agentId) return "it belongs to another agent";
  if (stored.processSpace !== readProcessSpace()) return "it was written in another boot or namespace";
  return undefined;
}
