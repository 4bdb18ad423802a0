// SPDX-License-Identifier: Apache-2.0
import type { LogRecord } from "@mayfly/journal";

/** What the record tells of one agent. */
export interface ObservedAgent {
  readonly tools: Map<string, { count: number; lastAt: string }>;
  lastAt: string;
  identities: number;
}

/** The agent's name in a SPIFFE ID `…/agent/<name>[/task/<id>]`; undefined = no agent's. */
function agentIn(spiffeId: string): string | undefined {
  return /^spiffe:\/\/[^/]+\/agent\/(.+?)(?:\/task\/t-[a-z2-7]{16})?$/.exec(spiffeId)?.[1];
}

/** What was seen of agents, from the record as it is read. */
export class Observations {
  readonly agents: Map<string, ObservedAgent> = new Map();
  /** Callers without a role that were refused, with how often: who may be an agent that nobody registered. */
  readonly refused: Map<string, { count: number; lastAt: string }> = new Map();
  readonly #agentOfTask = new Map<string, string>();

  add(record: LogRecord): void {
    const agent = this.#agentOf(record);
    if (agent !== undefined) this.#see(agent, record);
    if (record.kind !== "decision" || record.tool !== undefined) return;
    const { count = 0 } = this.refused.get(record.actor) ?? {};
    this.refused.set(record.actor, { count: count + 1, lastAt: record.at });
  }

  #agentOf({ agent, task }: LogRecord): string | undefined {
    const named = agent === undefined ? undefined : agentIn(agent);
    if (named !== undefined && task !== undefined) this.#agentOfTask.set(task, named);
    return named ?? (task === undefined ? undefined : this.#agentOfTask.get(task));
  }

  #see(name: string, { kind, phase, at, tool }: LogRecord): void {
    const seen = this.agents.get(name) ?? { tools: new Map(), lastAt: at, identities: 0 };
    this.agents.set(name, seen);
    seen.lastAt = at;
    if (kind === "issuance") seen.identities += 1;
    if (kind !== "call" || phase !== "intent" || tool === undefined) return;
    const { count = 0 } = seen.tools.get(tool) ?? {};
    seen.tools.set(tool, { count: count + 1, lastAt: at });
  }
}
