// SPDX-License-Identifier: Apache-2.0
import type { AttestedNode } from "./attested-node.ts";
import type { RegistrationEntry } from "./registration-entry.ts";
import type { Selector } from "./selector.ts";

/** Page of stored things, oldest first. `pageSize` 0 = all in one page. */
export interface PageRequest {
  readonly pageSize: number;
  /** Row id of the last row of the page before; undefined = from the start. */
  readonly after?: number | undefined;
}

/** One page of stored things. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Row id of the last row; undefined when the page is empty or paging was not asked for. */
  readonly last?: number | undefined;
}

/** How the set C of a stored thing is held against the set R of a filter: C = R; C ⊆ R and they meet; C ⊇ R; they meet. */
export type MatchBehavior = "exact" | "subset" | "superset" | "any";

/** All conditions are ANDed; see the filter semantics of the server API. */
export interface EntryFilter {
  readonly spiffeId?: string | undefined;
  readonly parentId?: string | undefined;
  readonly selectors?: { readonly match: MatchBehavior; readonly selectors: readonly Selector[] } | undefined;
  readonly federatesWith?: { readonly match: MatchBehavior; readonly trustDomains: readonly string[] } | undefined;
  readonly hint?: string | undefined;
  readonly downstream?: boolean | undefined;
}

/** What a new entry is made of; the store assigns revision 0 and creation time. */
export type NewEntry = Omit<RegistrationEntry, "revisionNumber" | "createdAt">;

/** What came of writing an entry. */
export type CreateEntryOutcome =
  | { readonly outcome: "created"; readonly entry: RegistrationEntry; readonly revision: number }
  /** Same SPIFFE ID, parent and selector set. */
  | { readonly outcome: "similar"; readonly entry: RegistrationEntry }
  /** The id is taken, or selectors or DNS names repeat inside the entry; `constraint` names it as `table.column`. */
  | { readonly outcome: "conflict"; readonly constraint: string }
  /** A `federatesWith` domain has no stored bundle. */
  | { readonly outcome: "no-bundle"; readonly trustDomain: string };

/** Registration entries. Every write is one transaction that also advances the revision counter. */
export interface EntryStore {
  create(entry: NewEntry, now: Date): Promise<CreateEntryOutcome>;
  get(id: string): Promise<RegistrationEntry | undefined>;
  list(filter: EntryFilter, page: PageRequest): Promise<Page<RegistrationEntry>>;
  count(filter: EntryFilter): Promise<number>;
  /** Applies `changes` and adds 1 to the revision number; undefined when there is no such entry. */
  update(id: string, changes: Partial<NewEntry>): Promise<CreateEntryOutcome | undefined>;
  /** The entry as it was, or undefined. */
  delete(id: string): Promise<RegistrationEntry | undefined>;
  /** Deletes all entries of a SPIFFE ID in one transaction; gives them. */
  deleteOf(spiffeId: string): Promise<readonly RegistrationEntry[]>;
  /** Deletes entries whose end lies before `now`; returns them. */
  prune(now: Date): Promise<readonly RegistrationEntry[]>;
}

/** All conditions are ANDed. */
export interface NodeFilter {
  readonly attestationType?: string | undefined;
  readonly selectors?: { readonly match: MatchBehavior; readonly selectors: readonly Selector[] } | undefined;
  readonly banned?: boolean | undefined;
  readonly canReattest?: boolean | undefined;
  /** Unix seconds. */
  readonly expiresBefore?: number | undefined;
}

/** Attested nodes: the serial-number state machine. Each transition is one compare-and-set. */
export interface NodeStore {
  get(id: string): Promise<AttestedNode | undefined>;
  list(filter: NodeFilter, page: PageRequest): Promise<Page<AttestedNode>>;
  count(filter: NodeFilter): Promise<number>;
  /** Creates or overwrites after a successful attestation (clears a pending serial). Refuses (false) when the node is banned. */
  attest(node: AttestedNode): Promise<boolean>;
  /** Sets the pending serial while `serialNumber` is still the active one or was not banned; false otherwise. */
  setPending(id: string, pending: { serialNumber: string; expiresAt: number }): Promise<boolean>;
  /** Makes the pending serial active if it still is `serialNumber`; false otherwise. */
  promote(id: string, serialNumber: string): Promise<boolean>;
  /** Blanks both serials; false when unknown. */
  ban(id: string): Promise<boolean>;
  delete(id: string): Promise<boolean>;
  /** Deletes nodes that expired before the instant and cannot re-attest (banned ones only when asked for); returns their ids. */
  purge(filter: { expiredBefore: Date; includeBanned: boolean }): Promise<readonly string[]>;
}

/** A join token as it is stored. */
export interface JoinToken {
  /** SHA-256 of the token's UTF-8 bytes, lower-case hex: the token itself is never stored. */
  readonly hash: string;
  /** Unix seconds. */
  readonly expiresAt: number;
  /** Path of the agent ID below `/spire/agent`, such as `/join_token/<uuid>`, for enrolment strings; undefined = `/join_token/<the token>`, as SPIRE does (equal hashes make presented and stored token the same bytes). */
  readonly agentPath?: string | undefined;
  /** True for enrolment strings: the same key may present the token again until it expires. */
  readonly retryWithSameKey: boolean;
  /** SHA-256 hex of the SPKI that used it; undefined = unused. */
  readonly usedByKey?: string | undefined;
}

/** What came of presenting a join token; `retried`: the same key had consumed it before. */
export type ConsumeTokenOutcome =
  | { readonly outcome: "consumed"; readonly token: JoinToken; readonly retried: boolean }
  | { readonly outcome: "expired" }
  | { readonly outcome: "unknown" };

/** Join tokens: created once, consumed once, in one statement. */
export interface JoinTokenStore {
  /** False when a token with this hash exists. With `aliasEntry` both are written in one transaction. */
  create(token: JoinToken, options?: { aliasEntry?: NewEntry | undefined; now?: Date | undefined }): Promise<boolean>;
  /** Single use: whoever comes second gets "unknown", unless the token allows a retry and the key is the same. An expired token is consumed too. */
  consume(hash: string, keyHash: string, now: Date): Promise<ConsumeTokenOutcome>;
  prune(now: Date): Promise<number>;
}

/** One X.509 or JWT authority of a stored bundle. */
export interface StoredX509Authority {
  /** DER certificate. */
  readonly der: Uint8Array;
  readonly tainted: boolean;
}

/** A key that JWT-SVIDs of a stored bundle are verified with. */
export interface StoredJwtAuthority {
  readonly keyId: string;
  /** PKIX SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  /** Unix seconds; 0 = never. */
  readonly expiresAt: number;
  readonly tainted: boolean;
}

/** The authorities of one trust domain as they are stored. */
export interface StoredBundle {
  readonly trustDomain: string;
  readonly x509Authorities: readonly StoredX509Authority[];
  readonly jwtAuthorities: readonly StoredJwtAuthority[];
  /** Seconds. */
  readonly refreshHint: number;
  readonly sequenceNumber: bigint;
}

/** What happens to entries that federate with a bundle that is deleted: they forbid it, are deleted, or stop federating. */
export type DeleteBundleMode = "restrict" | "delete" | "dissociate";

/** Bundles by trust domain name, the server's own among them. */
export interface BundleStore {
  get(trustDomain: string): Promise<StoredBundle | undefined>;
  list(page: PageRequest): Promise<Page<StoredBundle>>;
  count(): Promise<number>;
  /** False when it exists. */
  create(bundle: StoredBundle): Promise<boolean>;
  /** Replaces the bundle, creating it if need be. */
  set(bundle: StoredBundle): Promise<void>;
  /**
   * Read-modify-write in one transaction: `change` gets the stored bundle and returns the new one, or undefined for no change.
   * It runs in the caller's thread under an optimistic compare on the stored content, so it may be called more than once.
   */
  modify(
    trustDomain: string,
    change: (current: StoredBundle | undefined) => StoredBundle | undefined,
  ): Promise<StoredBundle | undefined>;
  /** `{ deleted: true }`, or the number of entries that stand in the way of "restrict", or undefined when unknown. */
  delete(
    trustDomain: string,
    mode: DeleteBundleMode,
  ): Promise<{ deleted: boolean; federatedEntries: number } | undefined>;
}

/** What changed, in commit order; `revision` has no holes within one store. */
export type StoreChange =
  | { readonly kind: "entry"; readonly id: string; readonly entry: RegistrationEntry | undefined }
  | { readonly kind: "node"; readonly id: string; readonly node: AttestedNode | undefined }
  | { readonly kind: "bundle"; readonly trustDomain: string; readonly bundle: StoredBundle | undefined };

/** What one write changed. */
export interface CommittedChanges {
  readonly revision: number;
  readonly changes: readonly StoreChange[];
}

/** The revision feed: every committed write, once, in order. */
export interface RevisionFeed {
  /** The revision of the last committed write. */
  revision(): Promise<number>;
  /** Calls `listener` synchronously before the write that caused it resolves; returns the unsubscribe function. */
  subscribe(listener: (committed: CommittedChanges) => void): () => void;
}
