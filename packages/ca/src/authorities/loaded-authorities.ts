// SPDX-License-Identifier: Apache-2.0
import { AuthorityError } from "../errors.ts";
import type { AuthorityKind, AuthorityRecord, AuthorityStore, KeyStore, SigningKey } from "../ports.ts";
import type { SigningLogger } from "../signing-logger.ts";
import { type AuthoritySlots, slotsOf } from "./slots.ts";

/** The authority that signs, with its key. */
export interface ActiveAuthority {
  readonly record: AuthorityRecord;
  readonly key: SigningKey;
}

interface Loaded {
  readonly version: number;
  readonly slots: AuthoritySlots;
  readonly active: ActiveAuthority | undefined;
}

/** Where authorities and their keys are read from. */
export interface LoadedAuthoritiesOptions {
  readonly store: AuthorityStore;
  readonly keys: KeyStore;
  readonly logger: SigningLogger;
}

/** What the store held when it was last read, with the active keys opened. */
export class LoadedAuthorities {
  readonly #options: LoadedAuthoritiesOptions;
  readonly #kinds = new Map<AuthorityKind, Loaded>();
  #publicKeys: ReadonlySet<string> = new Set();

  constructor(options: LoadedAuthoritiesOptions) {
    this.#options = options;
  }

  /** @throws {AuthorityError} AUTHORITY_NOT_READY before the first `load` */
  get(kind: AuthorityKind): Loaded {
    const loaded = this.#kinds.get(kind);
    if (loaded === undefined) throw new AuthorityError("AUTHORITY_NOT_READY", "authorities are not loaded yet");
    return loaded;
  }

  /** Whether this is the public key (PKIX, DER) of an authority of either kind, in any slot. */
  hasPublicKey(spki: Uint8Array): boolean {
    return this.#publicKeys.has(asText(spki));
  }

  /** @throws {KeyStoreError} when the active key is there but can't be read */
  async load(kind: AuthorityKind): Promise<void> {
    const { version, records } = await this.#options.store.list(kind);
    await this.#hold(kind, version, records);
  }

  /** Takes over what was just stored, be the store readable now or not. */
  async hold(kind: AuthorityKind, records: readonly AuthorityRecord[]): Promise<void> {
    // A version that the store refuses: the next change reads it first.
    await this.#hold(kind, -1, records);
    try {
      await this.load(kind);
    } catch (error) {
      this.#options.logger.warn("authorities_not_read", { kind, reason: (error as Error).message });
    }
  }

  async #hold(kind: AuthorityKind, version: number, records: readonly AuthorityRecord[]): Promise<void> {
    const slots = slotsOf(records);
    this.#kinds.set(kind, { version, slots, active: await this.#openActive(slots.active) });
    const all = [...this.#kinds.values()].flatMap((each) => each.slots.records);
    this.#publicKeys = new Set(all.map(({ publicKey }) => asText(publicKey)));
  }

  async #openActive(record: AuthorityRecord | undefined): Promise<ActiveAuthority | undefined> {
    if (record === undefined) return undefined;
    const known = this.#kinds.get(record.kind)?.active;
    if (known?.record.keyRef === record.keyRef) return { record, key: known.key };
    const key = await this.#options.keys.open(record.keyRef);
    if (key !== undefined && Buffer.compare(key.publicKey, record.publicKey) === 0) return { record, key };
    this.#options.logger.error("authority_key_lost", { kind: record.kind, authority_id: record.id });
    return undefined;
  }
}

function asText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
