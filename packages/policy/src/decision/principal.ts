// SPDX-License-Identifier: Apache-2.0
import type { SpiffeId, VerifiedPeer } from "@mayfly/spiffe";
import { agentSpiffeId, parseTaskSpiffeId, type Task, type TaskId, type Tier } from "@mayfly/tasks";
import type { EntityName } from "../engine/cedar.ts";
import { PolicyError } from "../errors.ts";
import { limits } from "../limits.ts";

/** What the server has on record of a task; not what the peer says. */
export interface TaskFacts extends Pick<Task, "id" | "agent" | "owner" | "tier" | "depth"> {
  /** Ids of its parent, that one's parent and so on. */
  readonly ancestors: readonly TaskId[];
}

/** What there is to know of a principal. */
export interface PrincipalFields {
  readonly uid: EntityName;
  /** Agent, owner and ancestors of a task. */
  readonly parents: readonly EntityName[];
  /** A tier's name, or `operator`. */
  readonly tier: string;
  readonly depth: number;
}

let create: (fields: PrincipalFields) => Principal;

/** On whose behalf is asked. Comes out of a connection that was verified, here or by an enforcement point that is believed: a request can't name one. */
export class Principal {
  readonly #fields: PrincipalFields;

  static {
    create = (fields) => new Principal(fields);
  }

  private constructor(fields: PrincipalFields) {
    this.#fields = fields;
  }

  /**
   * A task by its SVID. The ID has to be that of the task on record.
   * @throws {PolicyError} PRINCIPAL_UNKNOWN
   */
  static ofTask(peer: VerifiedPeer, task: TaskFacts): Principal {
    return Principal.vouched(peer.id, task);
  }

  /**
   * A task by the word of an enforcement point, itself authenticated, that saw its SVID. The ID has to be that of the task on record.
   * @throws {PolicyError} PRINCIPAL_UNKNOWN
   */
  static vouched(id: SpiffeId, task: TaskFacts): Principal {
    const parsed = parseTaskSpiffeId(id);
    if (parsed === undefined || parsed.taskId !== task.id || parsed.agent !== task.agent) throw unknown(id);
    if (task.ancestors.length > limits.ancestors) throw unknown(id);
    const agent = agentSpiffeId(id.trustDomain, task.agent).toString();
    const ancestors = task.ancestors.map((id) => ({ type: "Task", id }));
    const parents = [{ type: "Agent", id: agent }, { type: "Operator", id: task.owner }, ...ancestors];
    const { tier, depth } = task;
    return new Principal({ uid: { type: "Task", id: task.id }, parents, tier, depth });
  }

  /**
   * An agent outside of any task, by its SVID.
   * @throws {PolicyError} PRINCIPAL_UNKNOWN also for the SVID of a task
   */
  static ofAgent(peer: VerifiedPeer, profile: { readonly tier: Tier }): Principal {
    const { segments } = peer.id;
    if (segments[0] !== "agent" || segments.length < 2 || segments.includes("task")) throw unknown(peer.id);
    return new Principal({ uid: { type: "Agent", id: peer.id.toString() }, parents: [], tier: profile.tier, depth: 0 });
  }

  /** An operator by SVID, `/operator/<name>`. @throws {PolicyError} PRINCIPAL_UNKNOWN */
  static ofOperator(peer: VerifiedPeer): Principal {
    const [kind, name, ...more] = peer.id.segments;
    if (kind !== "operator" || name === undefined || more.length > 0) throw unknown(peer.id);
    return new Principal({ uid: { type: "Operator", id: name }, parents: [], tier: "operator", depth: 0 });
  }

  get fields(): PrincipalFields {
    return this.#fields;
  }

  /** `Task::"t-…"`, `Agent::"spiffe://…"`, `Operator::"…"`. */
  toString(): string {
    return `${this.#fields.uid.type}::${JSON.stringify(this.#fields.uid.id)}`;
  }
}

/** For questions that decide nothing, such as policy tests. Not exported by the package. */
export function assumePrincipal(fields: PrincipalFields): Principal {
  return create(fields);
}

function unknown(id: SpiffeId): PolicyError {
  return new PolicyError("PRINCIPAL_UNKNOWN", `${JSON.stringify(id.toString())} is not what it is said to be`);
}
