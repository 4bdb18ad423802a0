// SPDX-License-Identifier: Apache-2.0
import type { RegistrationEntry } from "@mayfly/registration";
import type { Logger } from "@mayfly/telemetry";
import { Backoff } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import type { HeldSet } from "../entries/held-set.ts";
import { AgentError } from "../errors.ts";
import { describeError, type Standing } from "../standing.ts";
import { waitFor, Wake } from "../wake.ts";
import type { IssueOutcome, Issuer } from "./issuer.ts";
import type { KeyPool, WorkloadKey } from "./key-pool.ts";
import { profileOf, type WorkloadSvid, workloadSvidOf } from "./workload-svid.ts";

/** What keeping SVIDs needs. */
export interface SvidCacheDeps {
  readonly held: HeldSet;
  readonly standing: Standing;
  readonly keys: KeyPool;
  /** undefined while there is no channel. */
  readonly issuer: () => Issuer | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

const batchSize = 500;
/** SVIDs that come due within this time are renewed together. */
const togetherMs = 250;
const longestSleepMs = 3_600_000;
/** Pause before one entry is asked for again in vain; a change of entries or bundles ends it. */
const refusedMs = 2000;

interface Slot {
  svid: WorkloadSvid | undefined;
  /** Open streams that show this entry. */
  users: number;
  /** Asked for since the last issue. */
  wanted: boolean;
  /** Not asked for again before this instant (ms). */
  retryAt: number;
}

/** X.509-SVIDs by entry: issued when a workload asks, in batches; renewed ahead of their end while somebody uses them; keys never leave memory. */
export class SvidCache {
  readonly #deps: SvidCacheDeps;
  readonly #slots = new Map<string, Slot>();
  readonly #stale = new Set<string>();
  readonly #doorbell = new Wake();
  /** Forgotten while a batch was on its way. */
  readonly #forgotten = new Set<string>();

  constructor(deps: SvidCacheDeps) {
    this.#deps = deps;
  }

  /** How many SVIDs there are. */
  get size(): number {
    let size = 0;
    for (const { svid } of this.#slots.values()) if (svid !== undefined) size += 1;
    return size;
  }

  /** An SVID that is valid; asks for one when there is none, or it is old. */
  get(entry: RegistrationEntry): WorkloadSvid | undefined {
    const slot = this.#slot(entry.id);
    this.#use(slot, () => {
      slot.wanted = true;
    });
    const { svid } = slot;
    const now = this.#deps.clock.now();
    const usable = svid !== undefined && svid.notAfter > now && svid.spiffeId === entry.spiffeId;
    if ((!usable || this.#isDue(entry, svid, now)) && slot.retryAt <= now.getTime()) this.#request(entry.id);
    return usable ? svid : undefined;
  }

  /** A stream shows these entries from now on instead of those: their SVIDs are renewed without being asked for. */
  exchangeUse(before: readonly string[], after: readonly string[]): void {
    for (const id of after) {
      const slot = this.#slot(id);
      this.#use(slot, () => {
        slot.users += 1;
      });
    }
    for (const id of before) this.#slot(id).users -= 1;
  }

  /** Entries or bundles changed: forgets SVIDs of entries that went, and replaces those whose entry or signer changed. */
  review(): void {
    const now = this.#deps.clock.now();
    for (const [id, slot] of this.#slots) {
      const entry = this.#deps.held.get(id);
      slot.retryAt = 0;
      if (entry === undefined) {
        slot.svid = undefined;
        if (slot.users === 0) this.#slots.delete(id);
      } else if (isInUse(slot) && slot.svid !== undefined && this.#isDue(entry, slot.svid, now)) {
        this.#request(id);
      }
    }
    this.#doorbell.notify();
  }

  /** Forgets SVIDs and keys of these entries, also those that are on their way; gives how many there were. New ones come when somebody asks. */
  forget(entryIds: readonly string[]): number {
    let count = 0;
    for (const id of entryIds) {
      this.#stale.delete(id);
      this.#forgotten.add(id);
      const slot = this.#slots.get(id);
      if (slot === undefined) continue;
      if (slot.svid !== undefined) count += 1;
      slot.svid = undefined;
      slot.wanted = false;
      if (slot.users === 0) this.#slots.delete(id);
    }
    return count;
  }

  /** Issues and renews until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff({ firstMs: 200, maxMs: 5000 });
    while (!signal.aborted) {
      const rung = this.#doorbell.next;
      this.#collectDue();
      const failed = this.#stale.size > 0 && !(await this.#issueBatch(signal));
      if (!failed) backoff.reset();
      if (!failed && this.#stale.size > 0) continue;
      const timeoutMs = failed ? backoff.nextMs() : this.#untilNextDue();
      await waitFor(failed ? this.#deps.standing.changes.next : rung, { signal, timeoutMs });
    }
  }

  /** Something that comes into use is due earlier than it was: the loop must know. */
  #use(slot: Slot, change: () => void): void {
    const before = isInUse(slot);
    change();
    if (!before) this.#doorbell.notify();
  }

  #slot(id: string): Slot {
    let slot = this.#slots.get(id);
    if (slot === undefined) {
      slot = { svid: undefined, users: 0, wanted: false, retryAt: 0 };
      this.#slots.set(id, slot);
    }
    return slot;
  }

  #isDue(entry: RegistrationEntry, svid: WorkloadSvid, now: Date): boolean {
    if (svid.renewAt <= now || svid.profile !== profileOf(entry)) return true;
    return this.#deps.held.ownBundle?.signsX509(svid.authorityKeyId) === false;
  }

  #request(id: string): void {
    if (this.#stale.has(id)) return;
    this.#stale.add(id);
    this.#doorbell.notify();
  }

  #collectDue(): void {
    const soon = new Date(this.#deps.clock.now().getTime() + togetherMs);
    for (const [id, slot] of this.#slots) {
      const entry = this.#deps.held.get(id);
      const inUse = isInUse(slot);
      if (entry === undefined) {
        if (slot.users === 0) this.#slots.delete(id);
        continue;
      }
      if (slot.retryAt > soon.getTime()) continue;
      if (inUse && (slot.svid === undefined || this.#isDue(entry, slot.svid, soon))) this.#stale.add(id);
      else if (!inUse && (slot.svid === undefined || slot.svid.notAfter <= soon)) this.#slots.delete(id);
    }
  }

  #untilNextDue(): number {
    const now = this.#deps.clock.now().getTime();
    let next = now + longestSleepMs;
    for (const slot of this.#slots.values()) {
      const { svid, retryAt } = slot;
      if (retryAt > now) next = Math.min(next, retryAt);
      else if (svid !== undefined) next = Math.min(next, (isInUse(slot) ? svid.renewAt : svid.notAfter).getTime());
    }
    return Math.max(next - now, 10);
  }

  /** One batch; false when the server could not be asked. */
  async #issueBatch(signal: AbortSignal): Promise<boolean> {
    const issuer = this.#deps.issuer();
    if (issuer === undefined) return false;
    const requests = [...this.#stale].slice(0, batchSize).flatMap((id) => {
      const entry = this.#deps.held.get(id);
      if (entry === undefined) this.#stale.delete(id);
      return entry === undefined ? [] : [{ entry, key: this.#deps.keys.take() }];
    });
    if (requests.length === 0) return true;
    this.#forgotten.clear();
    try {
      const outcomes = await issuer.issueX509(requests, signal);
      requests.forEach(({ entry, key }, index) => {
        this.#settle(entry, key, outcomes[index]);
      });
      return true;
    } catch (error) {
      signal.throwIfAborted();
      this.#deps.log.warn("issue_failed", { count: requests.length, error: describeError(error) });
      return false;
    } finally {
      this.#deps.standing.changes.notify();
    }
  }

  #settle(entry: RegistrationEntry, key: WorkloadKey, outcome: IssueOutcome | undefined): void {
    if (this.#forgotten.has(entry.id)) return;
    const slot = this.#slot(entry.id);
    this.#stale.delete(entry.id);
    try {
      if (outcome === undefined) throw new AgentError("BAD_ANSWER", "the server left a key without answer");
      if ("error" in outcome) throw outcome.error;
      slot.svid = workloadSvidOf(entry, key, { chain: outcome.chain, at: this.#deps.clock.now() });
      slot.wanted = false;
      // Signed by an authority that the bundle does not have, or taints: asking again at once would give the same.
      const trusted = this.#deps.held.ownBundle?.signsX509(slot.svid.authorityKeyId) ?? true;
      slot.retryAt = trusted ? 0 : this.#deps.clock.now().getTime() + refusedMs;
    } catch (error) {
      slot.retryAt = this.#deps.clock.now().getTime() + refusedMs;
      this.#deps.log.warn("issue_refused", { entry_id: entry.id, error: describeError(error) });
    }
  }
}

function isInUse({ users, wanted }: Slot): boolean {
  return users > 0 || wanted;
}
