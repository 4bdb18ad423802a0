// SPDX-License-Identifier: Apache-2.0
import type { RegistrationEntry } from "@mayfly/registration";
import { StatusError } from "@mayfly/rpc";
import { parseJwtSvid } from "@mayfly/spiffe";
import type { Clock } from "../clock.ts";
import type { HeldSet } from "../entries/held-set.ts";
import { grpcCode } from "../grpc-code.ts";
import type { IssuedToken, Issuer } from "./issuer.ts";

/** What keeping tokens needs. */
export interface JwtCacheDeps {
  readonly held: HeldSet;
  /** undefined while there is no channel. */
  readonly issuer: () => Issuer | undefined;
  readonly clock: Clock;
}

interface Kept extends IssuedToken {
  readonly entryId: string;
  readonly keyId: string;
}

const maxKept = 4096;

/** JWT-SVIDs by entry and audiences: a new one from half of life on, the old one as long as it is valid and no other can be had. */
export class JwtCache {
  readonly #deps: JwtCacheDeps;
  readonly #kept = new Map<string, Kept>();
  readonly #asked = new Map<string, Promise<string>>();
  #forgets = 0;

  constructor(deps: JwtCacheDeps) {
    this.#deps = deps;
  }

  /** Entries or bundles changed: forgets tokens of keys that are tainted or gone, and of entries that are gone. */
  review(): void {
    for (const [key, { keyId, entryId }] of this.#kept) {
      if (this.#deps.held.get(entryId) === undefined || !this.#isTrusted(keyId)) this.#kept.delete(key);
    }
  }

  /** Forgets tokens of these entries; gives how many there were. None that is on its way is kept. */
  forget(entryIds: readonly string[]): number {
    const entries = new Set(entryIds);
    const keys = [...this.#kept].flatMap(([key, { entryId }]) => (entries.has(entryId) ? [key] : []));
    for (const key of keys) this.#kept.delete(key);
    this.#forgets += 1;
    return keys.length;
  }

  /** @param audience in the order wished for @throws {StatusError} */
  async get(entry: RegistrationEntry, audience: readonly string[], signal: AbortSignal): Promise<string> {
    const key = JSON.stringify([entry.id, entry.revisionNumber, ...audience]);
    const now = this.#deps.clock.now().getTime();
    const kept = this.#kept.get(key);
    const valid = kept !== undefined && kept.expiresAt.getTime() > now ? kept : undefined;
    if (valid !== undefined && now < (valid.issuedAt.getTime() + valid.expiresAt.getTime()) / 2) return valid.token;
    try {
      return await this.#ask(key, entry, audience, signal);
    } catch (error) {
      if (valid === undefined) throw error;
      return valid.token;
    }
  }

  /** Callers that want the same at the same time share one request; it goes on when one of them leaves. */
  #ask(key: string, entry: RegistrationEntry, audience: readonly string[], signal: AbortSignal): Promise<string> {
    let asked = this.#asked.get(key);
    if (asked === undefined) {
      asked = this.#fetch(key, entry, audience).finally(() => this.#asked.delete(key));
      this.#asked.set(key, asked);
    }
    return untilAborted(asked, signal);
  }

  async #fetch(key: string, entry: RegistrationEntry, audience: readonly string[]): Promise<string> {
    const issuer = this.#deps.issuer();
    if (issuer === undefined) throw new StatusError(grpcCode.unavailable, "the agent has no connection to its server");
    const before = this.#forgets;
    const issued = await issuer.issueJwt(entry.id, audience, new AbortController().signal);
    const { keyId } = parseJwtSvid(issued.token);
    if (before !== this.#forgets) return issued.token;
    const oldest = this.#kept.size >= maxKept ? this.#kept.keys().next().value : undefined;
    if (oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.delete(key);
    this.#kept.set(key, { ...issued, keyId, entryId: entry.id });
    return issued.token;
  }

  #isTrusted(keyId: string): boolean {
    return this.#deps.held.ownBundle?.signsJwt(keyId) ?? true;
  }
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason as Error);
    if (signal.aborted) aborted();
    signal.addEventListener("abort", aborted, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", aborted));
  });
}
