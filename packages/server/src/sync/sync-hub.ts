// SPDX-License-Identifier: Apache-2.0
import {
  type AgentState,
  agentsConcerned,
  diffSets,
  entryVersion,
  type RegistrationEntry,
  type StoreChange,
  type VersionMap,
} from "@mayfly/registration";
import type { Sent, SyncRequest, SyncResponse } from "@mayfly/rpc";
import type { AuthorizedEntries } from "../views/authorized-entries.ts";
import type { LiveViews } from "../views/live-views.ts";
import { type AgentView, viewOf } from "./agent-view.ts";
import { type SyncCall, SyncSession } from "./sync-session.ts";
import { bundleVersion } from "./bundle-version.ts";

/** How far the delivery of some entries is. */
export interface Delivery {
  /** Agents concerned that hold the newest state of all the entries. */
  readonly delivered: number;
  /** Connected agents concerned that did not acknowledge yet. */
  readonly outstanding: number;
  /** Agents concerned without a Sync stream. */
  readonly unreachable: number;
}

/** What the hub needs. */
export interface SyncHubDeps {
  readonly views: LiveViews;
  readonly authorized: AuthorizedEntries;
  readonly trustDomain: string;
}

/** An agent that polled so lately is taken to go on with it. */
const pollsForMs = 60_000;

/** All Sync streams, and which of them a change concerns. */
export class SyncHub implements Disposable {
  readonly #deps: SyncHubDeps;
  readonly #sessions = new Map<string, Set<SyncSession>>();
  readonly #ackListeners = new Set<() => void>();
  readonly #polls = new Map<string, number>();
  readonly #unsubscribe: () => void;

  constructor(deps: SyncHubDeps) {
    this.#deps = deps;
    this.#unsubscribe = deps.views.onChange((change, before) => {
      this.#onChange(change, before);
    });
  }

  /** Agents with a Sync stream. */
  get connected(): number {
    return this.#sessions.size;
  }

  /** Serves one stream to its end. */
  async *serve(
    agentId: string,
    requests: AsyncIterable<SyncRequest>,
    call: SyncCall,
  ): AsyncGenerator<Sent<SyncResponse>> {
    const session = new SyncSession({
      agentId,
      view: () => this.#viewOf(agentId),
      onAck: () => {
        for (const listener of this.#ackListeners) listener();
      },
      proveFresh: () => this.#deps.views.proveFresh(),
      call,
    });
    const siblings = this.#sessions.get(agentId) ?? new Set();
    this.#sessions.set(agentId, siblings.add(session));
    try {
      yield* session.serve(requests);
    } finally {
      siblings.delete(session);
      if (siblings.size === 0 && this.#sessions.get(agentId) === siblings) this.#sessions.delete(agentId);
      for (const listener of this.#ackListeners) listener();
    }
  }

  /** Called when an agent acknowledged or left. Returns the unsubscribe function. */
  onAck(listener: () => void): () => void {
    this.#ackListeners.add(listener);
    return () => {
      this.#ackListeners.delete(listener);
    };
  }

  /** Where the newest state of some entries is, of those agents whose set holds, or held, one of them. */
  delivery(entryIds: readonly string[]): Delivery {
    let [delivered, outstanding, unreachable] = [0, 0, 0];
    for (const node of this.#deps.views.nodes) {
      if (node.serialNumber === "") continue;
      const set = this.#deps.authorized.of(node);
      const sessions = [...(this.#sessions.get(node.id) ?? [])];
      const holds = ({ held, sent }: SyncSession): boolean =>
        entryIds.some((id) => held?.entries.has(id) === true || sent?.entries.has(id) === true);
      if (!entryIds.some((id) => set.has(id)) && !sessions.some(holds)) continue;
      if (sessions.some((session) => isDelivered(session, entryIds, set))) delivered += 1;
      else if (sessions.length > 0) outstanding += 1;
      else unreachable += 1;
    }
    return { delivered, outstanding, unreachable };
  }

  /** Agents with a stream that did not acknowledge the newest bundle of a trust domain. */
  withoutBundle(trustDomain: string): number {
    const bundle = this.#deps.views.bundle(trustDomain);
    const version = bundle && bundleVersion(bundle);
    const lacks = (sessions: ReadonlySet<SyncSession>): boolean =>
      ![...sessions].some(({ held }) => held?.bundles.get(trustDomain) === version);
    return [...this.#sessions.values()].filter(lacks).length;
  }

  isConnected(agentId: string): boolean {
    return this.#sessions.has(agentId);
  }

  /** Called when an agent without a Sync stream asked for its entries, as SPIRE's do every few seconds. */
  notePoll(agentId: string): void {
    this.#polls.set(agentId, performance.now());
  }

  /** Whether an agent holds an entry, by what it acknowledged last; undefined = it has no Sync stream. */
  holds(agentId: string, entryId: string): boolean | undefined {
    const sessions = [...(this.#sessions.get(agentId) ?? [])];
    if (sessions.length === 0) return undefined;
    return !sessions.some(({ held }) => held !== undefined && !held.entries.has(entryId));
  }

  /** When an agent without a Sync stream last asked, ms of the monotonic clock; undefined = never. */
  polledAt(agentId: string): number | undefined {
    return this.#polls.get(agentId);
  }

  /** How far an agent is; undefined = not known, as it polls. */
  agentState(agentId: string): AgentState | undefined {
    const sessions = [...(this.#sessions.get(agentId) ?? [])];
    const view = this.#viewOf(agentId);
    if (sessions.length > 0 && view !== undefined) {
      return sessions.some(({ held }) => held !== undefined && isEqual(held.entries, view.entryVersions))
        ? "synced"
        : "behind";
    }
    const polledAt = this.#polls.get(agentId);
    return polledAt !== undefined && performance.now() - polledAt < pollsForMs ? undefined : "disconnected";
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
    this.#ackListeners.clear();
  }

  #viewOf(agentId: string): AgentView | undefined {
    const node = this.#deps.views.node(agentId);
    return node && viewOf(node, this.#deps);
  }

  #onChange(change: StoreChange, before: RegistrationEntry | undefined): void {
    if (change.kind === "node") {
      if (change.node === undefined) this.#polls.delete(change.id);
      this.#mark([change.id]);
    }
    if (change.kind === "bundle") this.#mark(this.#sessions.keys());
    if (change.kind === "entry")
      for (const entry of [change.entry, before]) if (entry !== undefined) this.#mark(this.#concernedBy(entry));
  }

  #mark(agentIds: Iterable<string>): void {
    for (const id of agentIds) for (const session of this.#sessions.get(id) ?? []) session.markDirty();
  }

  #concernedBy(entry: RegistrationEntry): ReadonlySet<string> {
    return agentsConcerned(this.#deps.views.index, this.#deps.views.nodes, entry);
  }
}

function isEqual(held: VersionMap, wanted: VersionMap): boolean {
  const { upserts, removed } = diffSets(held, wanted);
  return upserts.length + removed.length === 0;
}

function isDelivered(
  { held }: SyncSession,
  ids: readonly string[],
  set: ReadonlyMap<string, RegistrationEntry>,
): boolean {
  if (held === undefined) return false;
  return ids.every((id) => {
    const entry = set.get(id);
    return held.entries.get(id) === (entry === undefined ? undefined : entryVersion(entry));
  });
}
