// SPDX-License-Identifier: Apache-2.0
import {
  formatSelector,
  matchEntries,
  type RegistrationEntry,
  type Selector,
  type StoredBundle,
  type VersionMap,
} from "@mayfly/registration";
import type { TrustDomain } from "@mayfly/spiffe";
import type { Logger } from "@mayfly/telemetry";
import { HeldBundle } from "./held-bundle.ts";
import { SelectorKinds } from "./selector-kinds.ts";

/** A thing with the version that its server gave it; `value` undefined for one that this agent can't use. */
export interface Versioned<T> {
  readonly id: string;
  readonly version: string;
  readonly value: T | undefined;
}

/** What brings the held set to a new revision. */
export interface Delta {
  readonly revision: bigint;
  readonly entries: readonly Versioned<RegistrationEntry>[];
  readonly removedEntries: readonly string[];
  readonly bundles: readonly Versioned<StoredBundle>[];
  readonly removedBundles: readonly string[];
}

/** The entries and bundles that the server gave to this agent, as a set: equal digests mean equal sets. */
export class HeldSet {
  readonly #trustDomain: TrustDomain;
  readonly #log: Logger;
  readonly #entries = new Map<string, RegistrationEntry>();
  readonly #entryVersions = new Map<string, string>();
  readonly #bundles = new Map<string, HeldBundle>();
  readonly #bundleVersions = new Map<string, string>();
  /** Each entry under one of its selectors: it can't match a process that lacks this one. */
  readonly #bySelector = new Map<string, Set<RegistrationEntry>>();
  readonly #kinds = new SelectorKinds();
  /** Ends of those entries that have one, Unix seconds. */
  readonly #ends = new Map<string, number>();
  #revision = 0n;

  constructor(trustDomain: TrustDomain, log: Logger) {
    this.#trustDomain = trustDomain;
    this.#log = log;
  }

  /** Revision of the last applied delta. */
  get revision(): bigint {
    return this.#revision;
  }

  get entryVersions(): VersionMap {
    return this.#entryVersions;
  }

  get bundleVersions(): VersionMap {
    return this.#bundleVersions;
  }

  get entries(): Iterable<RegistrationEntry> {
    return this.#entries.values();
  }

  get size(): number {
    return this.#entries.size;
  }

  get bundles(): Iterable<HeldBundle> {
    return this.#bundles.values();
  }

  /** The bundle of the agent's own trust domain; undefined before the first contact. */
  get ownBundle(): HeldBundle | undefined {
    return this.#bundles.get(this.#trustDomain.name);
  }

  get(id: string): RegistrationEntry | undefined {
    return this.#entries.get(id);
  }

  /** @param trustDomain name */
  bundle(trustDomain: string): HeldBundle | undefined {
    return this.#bundles.get(trustDomain);
  }

  /** Kinds of selectors that some entry asks for, as `type:key` such as `unix:sha256`; the same object as long as they are the same. */
  get selectorKinds(): ReadonlySet<string> {
    return this.#kinds.current;
  }

  /** Entries that a process with these selectors gets now, sorted by id. */
  match(selectors: readonly Selector[], now: Date): readonly RegistrationEntry[] {
    const candidates = new Set<RegistrationEntry>();
    for (const selector of selectors) {
      for (const entry of this.#bySelector.get(formatSelector(selector)) ?? []) candidates.add(entry);
    }
    return candidates.size === 0 ? [] : matchEntries(candidates, selectors, { now });
  }

  /** Seconds since the epoch at which the next entry ends; undefined = none does. */
  nextExpiry(after: number): number | undefined {
    let next: number | undefined;
    for (const end of this.#ends.values()) if (end > after && (next === undefined || end < next)) next = end;
    return next;
  }

  apply(delta: Delta): void {
    this.#revision = delta.revision;
    for (const id of delta.removedEntries) this.#dropEntry(id);
    for (const each of delta.entries) this.#setEntry(each);
    for (const id of delta.removedBundles) this.#dropBundle(id);
    for (const each of delta.bundles) this.#setBundle(each);
  }

  /** The node lost its place: nothing is its any more. Bundles stay, for they are public. */
  clearEntries(): void {
    for (const id of this.#entryVersions.keys()) this.#dropEntry(id);
    this.#revision = 0n;
  }

  #setEntry({ id, version, value }: Versioned<RegistrationEntry>): void {
    this.#dropEntry(id);
    this.#entryVersions.set(id, version);
    if (value === undefined) return;
    this.#entries.set(id, value);
    this.#kinds.count(value.selectors, 1);
    if (value.expiresAt !== 0) this.#ends.set(id, value.expiresAt);
    const key = this.#rarest(value);
    const bucket = this.#bySelector.get(key);
    if (bucket === undefined) this.#bySelector.set(key, new Set([value]));
    else bucket.add(value);
  }

  #dropEntry(id: string): void {
    this.#entryVersions.delete(id);
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    this.#kinds.count(entry.selectors, -1);
    this.#ends.delete(id);
    for (const selector of entry.selectors) {
      const key = formatSelector(selector);
      const bucket = this.#bySelector.get(key);
      if (bucket?.delete(entry) && bucket.size === 0) this.#bySelector.delete(key);
    }
  }

  #rarest({ selectors }: RegistrationEntry): string {
    const size = (key: string): number => this.#bySelector.get(key)?.size ?? 0;
    return selectors.map(formatSelector).reduce((best, key) => (size(key) < size(best) ? key : best));
  }

  #setBundle({ id, version, value }: Versioned<StoredBundle>): void {
    this.#bundleVersions.set(id, version);
    if (value === undefined) return;
    try {
      this.#bundles.set(id, new HeldBundle(value, version));
    } catch (error) {
      // The old one would go on being trusted; without any, workloads of that trust domain are refused.
      this.#bundles.delete(id);
      this.#log.error("bundle_unusable", { trust_domain: id, error });
    }
  }

  #dropBundle(id: string): void {
    this.#bundleVersions.delete(id);
    this.#bundles.delete(id);
  }
}
