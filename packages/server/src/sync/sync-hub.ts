// SPDX-License-Identifier: Apache-2.0
import type { AttestedNode, RegistrationEntry, StoreChange } from "@mayfly/registration";
import type { AuthorizedEntries } from "../views/authorized-entries.ts";
import type { LiveViews } from "../views/live-views.ts";
import { type AgentView, viewOf } from "./agent-view.ts";
import { SyncSession, type SyncStream } from "./sync-session.ts";
import { entryVersion } from "./versions.ts";

/** How far the delivery of some entries is. */
export interface Delivery {
  /** Agents concerned that hold the newest state of all the entries. */
  readonly delivered: number;
  /** Connected agents concerned that did not acknowledge yet. */
  readonly outstanding: number;
  /** Agents concerned without a Sync stream. */
  readonly unreachable: number;
}

/** All Sync streams, and which of them a change concerns. */
export class SyncHub implements Disposable {
  readonly #views: LiveViews;
  readonly #authorized: AuthorizedEntries;
  readonly #trustDomain: string;
  readonly #sessions = new Map<string, Set<SyncSession>>();
  readonly #ackListeners = new Set<() => void>();
  readonly #unsubscribe: () => void;

  constructor(deps: { views: LiveViews; authorized: AuthorizedEntries; trustDomain: string }) {
    this.#views = deps.views;
    this.#authorized = deps.authorized;
    this.#trustDomain = deps.trustDomain;
    this.#unsubscribe = deps.views.onChange((change) => {
      this.#onChange(change);
    });
  }

  /** Agents with a Sync stream. */
  get connected(): number {
    return this.#sessions.size;
  }

  /** Serves one stream to its end. */
  async serve(agentId: string, stream: SyncStream): Promise<void> {
    const session = new SyncSession({
      agentId,
      stream,
      view: () => this.#viewOf(agentId),
      onAck: () => {
        for (const listener of this.#ackListeners) listener();
      },
    });
    const siblings = this.#sessions.get(agentId) ?? new Set();
    this.#sessions.set(agentId, siblings.add(session));
    try {
      await session.run();
    } finally {
      siblings.delete(session);
      if (siblings.size === 0 && this.#sessions.get(agentId) === siblings) this.#sessions.delete(agentId);
    }
  }

  /** Returns the unsubscribe function. */
  onAck(listener: () => void): () => void {
    this.#ackListeners.add(listener);
    return () => {
      this.#ackListeners.delete(listener);
    };
  }

  delivery(entryIds: readonly string[]): Delivery {
    let [delivered, outstanding, unreachable] = [0, 0, 0];
    for (const node of this.#views.nodes()) {
      const set = this.#authorized.of(node);
      const sessions = [...(this.#sessions.get(node.id) ?? [])];
      const concerned =
        entryIds.some((id) => set.has(id)) ||
        sessions.some(({ held }) => entryIds.some((id) => held?.entries.has(id) === true));
      if (node.serialNumber === "") continue;
      if (sessions.some((session) => isDelivered(session, entryIds, set))) delivered += concerned ? 1 : 0;
      else if (concerned && sessions.length > 0) outstanding += 1;
      else if (concerned) unreachable += 1;
    }
    return { delivered, outstanding, unreachable };
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
    this.#ackListeners.clear();
  }

  #viewOf(agentId: string): AgentView | undefined {
    const node: AttestedNode | undefined = this.#views.node(agentId);
    if (node === undefined) return undefined;
    return viewOf(node, { authorized: this.#authorized, views: this.#views, trustDomain: this.#trustDomain });
  }

  #onChange(change: StoreChange): void {
    if (change.kind === "node") this.#mark([change.id]);
    else if (change.kind === "bundle") this.#mark(this.#sessions.keys());
    else this.#mark(this.#concernedBy(change.id));
  }
}

function isDelivered(session: SyncSession, ids: readonly string[], set: ReadonlyMap<string, RegistrationEntry>): boolean {
  const { held } = session;
  if (held === undefined) return false;
  return ids.every((id) => {
    const entry = set.get(id);
    return held.entries.get(id) === (entry === undefined ? undefined : entryVersion(entry));
  });
}
