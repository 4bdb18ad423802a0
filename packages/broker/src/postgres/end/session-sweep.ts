// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { LeaseError } from "../../errors.ts";
import type { AdminPool } from "../admin-pool.ts";
import { cutLogins, startingLogins } from "./starting-logins.ts";

/** How a sweep is paced. */
export interface SweepOptions {
  /** How long no session may be seen. */
  readonly settleMs: number;
  /** How long sessions may go on appearing. */
  readonly timeoutMs: number;
  /** Told of sessions of a role whose end was proven: there must be none. */
  readonly onLate: (oid: number, cut: number) => void;
}

interface Watched {
  readonly oid: number;
  readonly since: number;
  lastSeen: number;
  readonly cut: Set<number>;
  /** Processes whose login may have been checked before the role was disabled, and that are not listed as sessions: since when they are known. */
  readonly starting: Map<number, number>;
  isLookedAt: boolean;
  readonly settle: (cut: number) => void;
  readonly fail: (reason: unknown) => void;
}

// @NOTE By OID, never by name: the name is NULL once the role is dropped, while its session goes on. The function is what the view
// pg_stat_activity joins names to.
const cutSessions = `
SELECT usesysid::int8::text AS oid, array_agg(pid) AS pids, bool_or(pg_terminate_backend(pid)) AS cut
FROM pg_stat_get_activity(NULL) WHERE usesysid = ANY($1::oid[]) GROUP BY usesysid`;

const paceMs = 20;
/** Of its time, so that looking at thousands of sessions leaves the database to those who end. */
const restPerWork = 3;
const lingerMs = 10_000;
const lingerPaceMs = 1_000;

/**
 * Cuts the sessions of roles that are disabled, again and again, until none was seen for the settle window and nobody is left who was
 * starting when it began: a login that had passed the checks before is not in the list of sessions yet. One query looks for all roles. It
 * goes on looking for a while afterwards.
 */
export class SessionSweep {
  readonly #pool: AdminPool;
  readonly #options: SweepOptions;
  readonly #watched = new Set<Watched>();
  readonly #lingering = new Map<number, number>();
  #isRunning = false;
  #linger: NodeJS.Timeout | undefined;

  constructor(pool: AdminPool, options: SweepOptions) {
    this.#pool = pool;
    this.#options = options;
  }

  /** Call when the role is disabled. Resolves with how many sessions were cut. @throws {LeaseError} STILL_ALIVE; as `AdminPool.query` */
  async untilQuiet(oid: number): Promise<number> {
    return await new Promise((settle, fail) => {
      const since = performance.now();
      this.#watched.add({
        oid,
        since,
        lastSeen: since,
        cut: new Set(),
        starting: new Map(),
        isLookedAt: false,
        settle,
        fail,
      });
      if (!this.#isRunning) void this.#loop();
    });
  }

  /** Keeps an eye on a role that is gone. */
  watchAfterEnd(oid: number): void {
    this.#lingering.set(oid, performance.now() + lingerMs);
    this.#linger ??= setInterval(() => void this.#lookBack(), lingerPaceMs).unref();
  }

  stop(): void {
    clearInterval(this.#linger);
    this.#lingering.clear();
  }

  async #loop(): Promise<void> {
    this.#isRunning = true;
    while (this.#watched.size > 0) {
      const started = performance.now();
      await this.#round(started);
      const tookMs = performance.now() - started;
      if (this.#watched.size > 0) await sleep(Math.max(paceMs - tookMs, restPerWork * tookMs));
    }
    this.#isRunning = false;
  }

  async #round(started: number): Promise<void> {
    const round = [...this.#watched];
    try {
      // In this order: who leaves the one list between the looks is found in the other.
      const starting = await startingLogins(this.#pool);
      const seen = await this.#cut(round.map(({ oid }) => oid));
      const ended = performance.now();
      const overdue = new Set(round.flatMap((one) => this.#followStarting(one, starting, started)));
      await cutLogins(this.#pool, [...overdue]);
      for (const one of round) this.#judge(one, seen.get(one.oid) ?? [], { started, ended });
    } catch (error) {
      for (const one of round) this.#finish(one, () => one.fail(error));
    }
  }

  /**
   * Who is starting while the window is young may have been checked before the role was disabled; later ones were refused. Gives those who
   * linger: an honest login takes milliseconds, and is tried again.
   */
  #followStarting(one: Watched, starting: ReadonlySet<number>, now: number): readonly number[] {
    const longMs = this.#options.settleMs / 2;
    if (!one.isLookedAt || now - one.since < longMs) {
      for (const pid of starting) if (!one.starting.has(pid)) one.starting.set(pid, now);
    }
    one.isLookedAt = true;
    for (const pid of one.starting.keys()) if (!starting.has(pid)) one.starting.delete(pid);
    return [...one.starting].filter(([, since]) => now - since >= longMs).map(([pid]) => pid);
  }

  #judge(
    one: Watched,
    pids: readonly number[],
    { started, ended }: { readonly started: number; readonly ended: number },
  ): void {
    const { settleMs, timeoutMs } = this.#options;
    if (pids.length > 0) {
      for (const pid of pids) one.cut.add(pid);
      one.lastSeen = ended;
    } else if (started - one.lastSeen >= settleMs && one.starting.size === 0) {
      return this.#finish(one, () => one.settle(one.cut.size));
    }
    if (ended - one.since < timeoutMs) return;
    this.#finish(one, () => one.fail(new LeaseError("STILL_ALIVE", "sessions of the role don't end")));
  }

  #finish(one: Watched, tell: () => void): void {
    if (this.#watched.delete(one)) tell();
  }

  async #cut(oids: readonly number[]): Promise<ReadonlyMap<number, readonly number[]>> {
    const rows = await this.#pool.query(cutSessions, [oids]);
    return new Map(rows.map((row) => [Number(row["oid"]), row["pids"] as readonly number[]]));
  }

  async #lookBack(): Promise<void> {
    const now = performance.now();
    for (const [oid, until] of this.#lingering) if (until < now) this.#lingering.delete(oid);
    if (this.#lingering.size === 0) {
      clearInterval(this.#linger);
      this.#linger = undefined;
      return;
    }
    try {
      for (const [oid, pids] of await this.#cut([...this.#lingering.keys()])) this.#options.onLate(oid, pids.length);
    } catch {
      // The database is away, and its sessions with it; the next look tells.
    }
  }
}
