// SPDX-License-Identifier: Apache-2.0
import { SpiffeId } from "@mayfly/spiffe";
import { type OperatorStore, parseTaskSpiffeId, type TaskStore } from "@mayfly/tasks";
import type { Clock } from "../clock.ts";
import type { PeerIdentity } from "../transport/connection.ts";
import type { Caller } from "./caller.ts";
import type { CallerClass } from "./method-table.ts";

/** What callers of the task layer are told by. */
export interface TaskCallersDeps {
  readonly trustDomain: string;
  readonly gateways: readonly string[];
  readonly brokers: readonly string[];
  readonly operators: OperatorStore;
  readonly tasks: TaskStore;
  readonly clock: Clock;
}

/** Finds out what a verified identity is in the task layer. Nothing but the connection's certificate says who it is. */
export class TaskCallers {
  readonly #deps: TaskCallersDeps;

  constructor(deps: TaskCallersDeps) {
    this.#deps = deps;
  }

  /** The first of the classes that the identity is of. @throws when the store can't be read */
  async find(
    allow: readonly CallerClass[],
    { id }: PeerIdentity,
  ): Promise<Pick<Caller, "operator" | "taskId" | "guard"> | undefined> {
    const { gateways, brokers } = this.#deps;
    if (allow.includes("gateway") && gateways.includes(id)) return { guard: "gateway" };
    if (allow.includes("broker") && brokers.includes(id)) return { guard: "broker" };
    if (allow.includes("operator")) {
      const all = await this.#deps.operators.list();
      const operator = all.find(({ spiffeIds, state }) => state === "active" && spiffeIds.includes(id));
      if (operator !== undefined) return { operator };
    }
    return allow.includes("task") ? await this.#task(id) : undefined;
  }

  async #task(text: string): Promise<Pick<Caller, "taskId"> | undefined> {
    const id = SpiffeId.parse(text);
    const named = id.trustDomain.name === this.#deps.trustDomain ? parseTaskSpiffeId(id) : undefined;
    const task = named && (await this.#deps.tasks.get(named.taskId));
    if (named === undefined || task === undefined || task.agent !== named.agent) return undefined;
    return task.state === "active" && this.#deps.clock.now() < task.notAfter ? { taskId: task.id } : undefined;
  }
}
