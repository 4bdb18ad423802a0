// SPDX-License-Identifier: Apache-2.0
import { agentsConcerned, type RegistrationEntry } from "@mayfly/registration";
import type { Evidence, Grant, Task, TaskId } from "@mayfly/tasks";
import type { Clock } from "../../clock.ts";
import type { SyncHub } from "../../sync/sync-hub.ts";
import type { LiveViews } from "../../views/live-views.ts";
import type { Recorder } from "../record/recorder.ts";
import type { GuardHub } from "../standing/guard-hub.ts";
import type { EndTimes } from "./pursuit.ts";
import { ProvenGrants } from "./proven-grants.ts";
import { isSilent } from "./silence.ts";

/** An entry that no task stands behind, as the grant that it is. */
export type PlainGrant = Omit<Grant, "taskId"> & { readonly taskId: "" };

/** Lifetimes that the server gives where an entry says nothing, in seconds. */
export interface SvidLifetimes {
  readonly x509Seconds: number;
  readonly jwtSeconds: number;
  /** Of the authority of a downstream server. */
  readonly caSeconds: number;
}

/** What withdrawals are followed with. */
export interface WithdrawalDeps {
  readonly views: LiveViews;
  readonly hub: SyncHub;
  readonly guards: GuardHub;
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly serverId: string;
  readonly lifetimes: SvidLifetimes;
}

const lookEveryMs = 100;

/**
 * Entries of an identity that is no task's, on their way out. They are deleted; each is gone when every agent that could serve it has said
 * that it does not hold it, or can't be one any more. An agent that is silent gives out what it has until that ends: plain SVIDs know no
 * fence. Ends by itself when the last of them has ended.
 */
export class Withdrawal {
  readonly tasks: ReadonlyMap<TaskId, Task> = new Map();
  readonly open: Map<string, PlainGrant> = new Map();
  readonly grantCount: number;
  readonly #deps: WithdrawalDeps;
  readonly #agents: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #committedAt = performance.now();
  readonly #proven = new ProvenGrants<PlainGrant>();
  readonly #foreignMs: number;
  readonly #timer: NodeJS.Timeout;
  readonly #unsubscribe: () => void;
  #healthyAt = this.#committedAt;
  #hasSilent = false;

  /** In the turn in which their deletion was answered. */
  constructor(deps: WithdrawalDeps, entries: readonly RegistrationEntry[]) {
    const { views, hub, lifetimes, serverId, clock } = deps;
    this.#deps = deps;
    this.#agents = new Map(entries.map((entry) => [entry.id, agentsConcerned(views.index, views.nodes, entry)]));
    this.#foreignMs = Math.max(0, ...entries.map((entry) => longestMs(entry, lifetimes)));
    this.grantCount = entries.length;
    const notAfter = new Date(clock.now().getTime() + this.#foreignMs);
    for (const { id } of entries) {
      const fields = { kind: "entry", guard: serverId, ref: id, notAfter, renewable: false, state: "ending" } as const;
      this.open.set(id, { id, taskId: "", ...fields, revision: 0 });
    }
    this.#timer = setInterval(() => this.#look(), lookEveryMs).unref();
    this.#unsubscribe = hub.onAck(() => this.#look());
    this.#look();
  }

  get isQuiet(): boolean {
    return this.open.size === 0;
  }

  get times(): EndTimes {
    const healthyMs = this.#healthyAt - this.#committedAt;
    return { healthyMs, fenceMs: this.#hasSilent ? this.#foreignMs : 0, foreignMs: this.#foreignMs };
  }

  /** Grants as they are proven, until it is quiet or the signal. */
  follow(signal: AbortSignal): AsyncGenerator<PlainGrant> {
    return this.#proven.follow(() => this.isQuiet, signal);
  }

  /** Nobody follows it up any more. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#unsubscribe();
  }

  #look(): void {
    const isOver = performance.now() - this.#committedAt >= this.#foreignMs;
    this.#hasSilent = false;
    for (const grant of this.open.values()) {
      const agents = [...(this.#agents.get(grant.id) ?? [])].map((agent) => this.#judge(agent, grant.id));
      const count = (verdict: string): number => agents.filter((each) => each === verdict).length;
      if (count("silent") > 0) this.#hasSilent = true;
      const detail = { agents_acknowledged: count("acknowledged"), agents_cut: count("cut") };
      if (detail.agents_acknowledged + detail.agents_cut === agents.length)
        this.#prove(grant, "entry-withdrawn", detail);
      else if (isOver) this.#prove(grant, "svids-ended", detail);
    }
    if (this.isQuiet) this[Symbol.dispose]();
  }

  #judge(agentId: string, entryId: string): "acknowledged" | "cut" | "outstanding" | "silent" {
    const { hub, guards, views } = this.#deps;
    const node = views.node(agentId);
    if (node === undefined || node.serialNumber === "") return "cut";
    const holds = hub.holds(agentId, entryId);
    if (holds === false) return "acknowledged";
    const guard = guards.guard(agentId);
    if (holds === true) return guard !== undefined && isSilent(guard) ? "silent" : "outstanding";
    const polledAt = hub.polledAt(agentId);
    if (polledAt === undefined) return "silent";
    return polledAt > this.#committedAt ? "acknowledged" : "outstanding";
  }

  #prove(grant: PlainGrant, method: string, detail: Evidence["detail"]): void {
    const { recorder, serverId, clock } = this.#deps;
    const evidence: Evidence = { by: serverId, at: clock.now(), method, detail };
    this.open.delete(grant.id);
    this.#healthyAt = performance.now();
    const { id, ref } = grant;
    const body = { grant: id, grant_kind: "entry", ref, state: "gone", method, detail };
    void recorder.note({ kind: "grant", actor: serverId, body });
    this.#proven.add({ ...grant, state: "gone", evidence });
  }
}

/** Ms for which something may be left of an entry: SVIDs that were given out until now, and what a downstream server may sign. */
export function longestMs(
  { x509SvidTtl, jwtSvidTtl, downstream }: RegistrationEntry,
  { x509Seconds, jwtSeconds, caSeconds }: SvidLifetimes,
): number {
  return Math.max(x509SvidTtl || x509Seconds, jwtSvidTtl || jwtSeconds, downstream ? caSeconds : 0) * 1000;
}
