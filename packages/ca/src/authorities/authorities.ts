// SPDX-License-Identifier: Apache-2.0
import { AuthorityError } from "../errors.ts";
import type { AuthorityKind, AuthorityRecord, AuthorityStore, KeyStore } from "../ports.ts";
import type { SigningLogger } from "../signing-logger.ts";
import type { TrustedTime } from "../trusted-time.ts";
import { deleteUnusedKeys } from "./authority-keys.ts";
import { type ActiveAuthority, LoadedAuthorities } from "./loaded-authorities.ts";
import { createAuthority } from "./new-authority.ts";
import type { AuthoritySlots } from "./slots.ts";
import { activated, prepared, pruned, revoked, tainted, type Transition } from "./transitions.ts";

/** What authorities are kept in and made with. */
export interface AuthoritiesOptions {
  readonly trustDomain: string;
  readonly store: AuthorityStore;
  readonly keys: KeyStore;
  readonly time: TrustedTime;
  readonly logger: SigningLogger;
  /** Lifetime of new authorities. */
  readonly ttlSeconds: number;
}

type Step = (records: readonly AuthorityRecord[]) => Pick<Transition, "records" | "edits"> | undefined;

const attempts = 5;

/** The X.509 and JWT authorities of one server: slots in the store, private keys in the key store, the active ones in memory. */
export class Authorities {
  readonly #options: AuthoritiesOptions;
  readonly #loaded: LoadedAuthorities;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(options: AuthoritiesOptions) {
    this.#options = options;
    this.#loaded = new LoadedAuthorities(options);
  }

  /** Reads what is there; makes nothing. @throws {KeyStoreError} when a key can't be read back */
  static async open(options: AuthoritiesOptions): Promise<Authorities> {
    const authorities = new Authorities(options);
    await authorities.#loaded.load("x509");
    await authorities.#loaded.load("jwt");
    return authorities;
  }

  /** The authorities of one kind as they were last stored. */
  slots(kind: AuthorityKind): AuthoritySlots {
    return this.#loaded.get(kind).slots;
  }

  /** What signs; undefined when there is none or its key is lost. */
  active(kind: AuthorityKind): ActiveAuthority | undefined {
    return this.#loaded.get(kind).active;
  }

  /** Whether this is the public key (PKIX, DER) of an authority of this server, of either kind and in any slot. */
  isAuthorityKey(spki: Uint8Array): boolean {
    return this.#loaded.hasPublicKey(spki);
  }

  /** Makes an authority and publishes it in the bundle; it replaces one that was prepared or old. @throws {AuthorityError} AUTHORITY_CONFLICT */
  async prepare(kind: AuthorityKind): Promise<AuthorityRecord> {
    return this.#inTurn(() => this.#addFresh(kind, (records, fresh) => prepared(records, fresh)));
  }

  /** Lets the prepared authority sign from now on. @throws {AuthorityError} AUTHORITY_ID_MISSING, _UNKNOWN, _OLD, _EXPIRED, _KEY_LOST, _CONFLICT */
  async activate(kind: AuthorityKind, id: string): Promise<AuthorityRecord> {
    return this.#inTurn(async () => {
      const { prepared: next } = this.#loaded.get(kind).slots;
      if (next?.id === id && (await this.#options.keys.open(next.keyRef)) === undefined) {
        throw new AuthorityError("AUTHORITY_KEY_LOST", "the key store has no key of the prepared authority");
      }
      return this.#transition(kind, (records) => activated(records, id, this.#options.time.now()));
    });
  }

  /** @throws {AuthorityError} AUTHORITY_ID_MISSING, _UNKNOWN, _ACTIVE, _PREPARED, _REVOKED, _TAINTED, _CONFLICT */
  async taint(kind: AuthorityKind, id: string): Promise<AuthorityRecord> {
    return this.#inTurn(() => this.#transition(kind, (records) => tainted(records, id)));
  }

  /** Takes a tainted authority out of the bundle. @throws {AuthorityError} AUTHORITY_ID_MISSING, _UNKNOWN, _ACTIVE, _PREPARED, _REVOKED, _NOT_TAINTED, _CONFLICT */
  async revoke(kind: AuthorityKind, id: string): Promise<AuthorityRecord> {
    return this.#inTurn(() => this.#transition(kind, (records) => revoked(records, id)));
  }

  /** Makes an authority that is published and signs at once: for the first start, and when nothing else can sign. */
  async replaceActive(kind: AuthorityKind): Promise<AuthorityRecord> {
    return this.#inTurn(() =>
      this.#addFresh(kind, (records, fresh) => {
        const added = prepared(records, fresh);
        const { subject, ...rest } = activated(added.records, fresh.id, this.#options.time.now());
        return { ...rest, subject, edits: added.edits };
      }),
    );
  }

  /** Takes authorities out of the bundle whose time there is over; the number of them. */
  async prune(kind: AuthorityKind): Promise<number> {
    return this.#inTurn(async () => {
      let removed: readonly AuthorityRecord[] = [];
      await this.#commit(kind, (records) => {
        const result = pruned(records, this.#options.time.now());
        removed = result?.removed ?? [];
        return result;
      });
      if (removed.length > 0)
        this.#options.logger.info("authorities_pruned", { kind, ids: removed.map(({ id }) => id) });
      return removed.length;
    });
  }

  /** Changes one after the other: two at once would only make each other start again. */
  async #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(change, change);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #addFresh(
    kind: AuthorityKind,
    step: (records: readonly AuthorityRecord[], fresh: AuthorityRecord) => Transition,
  ): Promise<AuthorityRecord> {
    const { trustDomain, keys, time, ttlSeconds } = this.#options;
    const fresh = await createAuthority({ trustDomain, keys, kind, now: time.now(), ttlSeconds });
    try {
      return await this.#transition(kind, (records) => step(records, fresh));
    } catch (error) {
      await this.#deleteUnlessStored(fresh);
      throw error;
    }
  }

  /** A commit that failed may have been made: then the key is needed, and one too many does no harm. */
  async #deleteUnlessStored({ kind, keyRef }: AuthorityRecord): Promise<void> {
    try {
      await this.#loaded.load(kind);
      const isStored = this.#loaded.get(kind).slots.records.some((each) => each.keyRef === keyRef);
      if (!isStored) await this.#options.keys.delete(keyRef);
    } catch (error) {
      this.#options.logger.warn("authority_key_not_deleted", { name: keyRef, reason: (error as Error).message });
    }
  }

  async #transition(
    kind: AuthorityKind,
    step: (records: readonly AuthorityRecord[]) => Transition,
  ): Promise<AuthorityRecord> {
    let subject: AuthorityRecord | undefined;
    await this.#commit(kind, (records) => {
      const result = step(records);
      ({ subject } = result);
      return result;
    });
    if (subject === undefined) throw new TypeError("a committed change has a subject");
    const { id, slot, tainted: isTainted, revoked: isRevoked } = subject;
    this.#options.logger.info("authority_changed", {
      kind,
      authority_id: id,
      slot,
      tainted: isTainted,
      revoked: isRevoked,
    });
    return subject;
  }

  async #commit(kind: AuthorityKind, step: Step): Promise<void> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const { version, slots } = this.#loaded.get(kind);
      const next = step(slots.records);
      if (next === undefined) return;
      if (await this.#options.store.commit({ kind, version, records: next.records, edits: [...next.edits] })) {
        await this.#loaded.hold(kind, next.records);
        await deleteUnusedKeys(this.#options, slots.records, next.records);
        return;
      }
      await this.#loaded.load(kind);
    }
    throw new AuthorityError("AUTHORITY_CONFLICT", "others keep changing the authorities");
  }
}
