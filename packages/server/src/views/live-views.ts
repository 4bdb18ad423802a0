// SPDX-License-Identifier: Apache-2.0
import {
  type AttestedNode,
  type BundleStore,
  type CommittedChanges,
  EntryIndex,
  type EntryStore,
  isExpired,
  NodeIndex,
  type NodeStore,
  type RegistrationEntry,
  type RevisionFeed,
  type StoreChange,
  type StoredBundle,
} from "@mayfly/registration";
import type { Clock } from "../clock.ts";
import { unavailable } from "../rpc/wire/refusal.ts";
import { ExpiryQueue } from "./expiry-queue.ts";

/** How old the proof that the feed is alive may be for a yes from memory. */
const freshForMs = 2000;
/** How often the proof is renewed when nothing is written: one small read. */
const probeMs = 1250;

/** What the views read. */
export interface ViewSources {
  readonly entries: EntryStore;
  readonly nodes: NodeStore;
  readonly bundles: BundleStore;
  readonly feed: RevisionFeed;
}

/** Called after the views took a change in; an entry that reached its end comes as a removal. `before` is an entry as it was. */
export type ChangeListener = (change: StoreChange, before: RegistrationEntry | undefined) => void;

/** The server's memory: live entries, nodes and bundles, kept equal to the store by its revision feed. */
export class LiveViews implements Disposable {
  readonly #sources: ViewSources;
  readonly #clock: Clock;
  readonly #index = new EntryIndex();
  readonly #nodes = new NodeIndex();
  readonly #bundles = new Map<string, StoredBundle>();
  readonly #listeners = new Set<ChangeListener>();
  readonly #expiry: ExpiryQueue;
  #revision = 0;
  #provenAt = Number.NEGATIVE_INFINITY;
  #unsubscribe: () => void = () => undefined;
  #probe: NodeJS.Timeout | undefined;

  private constructor(sources: ViewSources, clock: Clock) {
    this.#sources = sources;
    this.#clock = clock;
    this.#expiry = new ExpiryQueue(clock, (id) => {
      this.#apply({ kind: "entry", id, entry: undefined });
    });
  }

  static async load(sources: ViewSources, clock: Clock): Promise<LiveViews> {
    const views = new LiveViews(sources, clock);
    const early: CommittedChanges[] = [];
    let take = (committed: CommittedChanges): void => void early.push(committed);
    views.#unsubscribe = sources.feed.subscribe((committed) => {
      take(committed);
    });
    views.#revision = await sources.feed.revision();
    const all = { pageSize: 0 };
    const [entries, nodes, bundles] = await Promise.all([
      sources.entries.list({}, all),
      sources.nodes.list({}, all),
      sources.bundles.list(all),
    ]);
    for (const entry of entries.items) views.#apply({ kind: "entry", id: entry.id, entry });
    for (const node of nodes.items) views.#apply({ kind: "node", id: node.id, node });
    for (const bundle of bundles.items) views.#apply({ kind: "bundle", trustDomain: bundle.trustDomain, bundle });
    // Whatever was committed while the lists were read: the last change of each thing wins.
    take = (committed) => {
      views.#take(committed);
    };
    for (const committed of early) views.#take(committed);
    views.#prove();
    views.#probe = setInterval(() => void views.#probeFeed(), probeMs).unref();
    return views;
  }

  /** Whether a yes may come from memory now. */
  isFresh(): boolean {
    return performance.now() - this.#provenAt <= freshForMs;
  }

  /** For answers that leave out what memory does not have. @throws {StatusError} UNAVAILABLE when memory may be behind the store */
  async proveFresh(): Promise<void> {
    if (!this.isFresh()) await this.#probeFeed();
    if (!this.isFresh()) throw unavailable("the store can't be read");
  }

  get revision(): number {
    return this.#revision;
  }

  /** Live entries only: those past their end are gone. */
  get index(): EntryIndex {
    return this.#index;
  }

  entry(id: string): RegistrationEntry | undefined {
    return this.#index.get(id);
  }

  entriesOf(spiffeId: string): readonly RegistrationEntry[] {
    return this.#index.bySpiffeId(spiffeId);
  }

  node(id: string): AttestedNode | undefined {
    return this.#nodes.get(id);
  }

  get nodes(): NodeIndex {
    return this.#nodes;
  }

  bundle(trustDomain: string): StoredBundle | undefined {
    return this.#bundles.get(trustDomain);
  }

  bundles(): Iterable<StoredBundle> {
    return this.#bundles.values();
  }

  /** Takes in an entry that a read of the store found and memory did not have. */
  takeIn(entry: RegistrationEntry): void {
    this.#apply({ kind: "entry", id: entry.id, entry });
  }

  /** Returns the unsubscribe function. Listeners run inside the commit: they must be quick. */
  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#probe);
    this.#unsubscribe();
    this.#expiry[Symbol.dispose]();
    this.#listeners.clear();
  }

  #take({ revision, changes }: CommittedChanges): void {
    for (const change of changes) this.#apply(change);
    this.#revision = Math.max(this.#revision, revision);
    this.#prove();
  }

  #apply(change: StoreChange): void {
    switch (change.kind) {
      case "entry":
        this.#applyEntry(change.id, change.entry);
        break;
      case "node":
        if (change.node === undefined) this.#nodes.delete(change.id);
        else this.#nodes.set(change.node);
        this.#tell(change);
        break;
      case "bundle":
        if (change.bundle === undefined) this.#bundles.delete(change.trustDomain);
        else this.#bundles.set(change.trustDomain, change.bundle);
        this.#tell(change);
    }
  }

  #applyEntry(id: string, stored: RegistrationEntry | undefined): void {
    const entry = stored === undefined || isExpired(stored, this.#clock.now()) ? undefined : stored;
    const before = entry === undefined ? this.#index.delete(id) : this.#index.set(entry);
    if (entry === undefined || entry.expiresAt === 0) this.#expiry.delete(id);
    else this.#expiry.set(id, new Date(entry.expiresAt * 1000));
    this.#tell({ kind: "entry", id, entry }, before);
  }

  #tell(change: StoreChange, before?: RegistrationEntry): void {
    for (const listener of this.#listeners) listener(change, before);
  }

  #prove(): void {
    this.#provenAt = performance.now();
  }

  async #probeFeed(): Promise<void> {
    try {
      const revision = await this.#sources.feed.revision();
      if (revision <= this.#revision) this.#prove();
    } catch {
      // No proof: memory goes stale and every yes asks the store, which then says what is wrong.
    }
  }
}
