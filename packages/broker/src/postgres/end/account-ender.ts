// SPDX-License-Identifier: Apache-2.0
import type { Evidence } from "@mayfly/tasks";
import { LeaseError } from "../../errors.ts";
import type { AdminPool } from "../admin-pool.ts";
import type { Secret } from "../secret.ts";
import type { PostgresTargetConfig } from "../target-config.ts";
import { Batcher } from "./batcher.ts";
import { type DisabledRole, disableRoles } from "./disable-roles.ts";
import { type DroppedRole, dropRoles, type QuietRole } from "./drop-roles.ts";
import { Limiter } from "./limiter.ts";
import { SessionSweep } from "./session-sweep.ts";
import { tryLogin } from "./try-login.ts";
import { type DroppedName, type Remains, verifyGone } from "./verify-gone.ts";

/** A connection under a lease's role that the broker holds. */
export interface HeldConnection {
  /** Resolves when the database has ended it; what was tried. @throws {LeaseError} STILL_ALIVE */
  proveDead(): Promise<string>;
}

/** An account whose time is over. */
export interface DoomedAccount {
  readonly name: string;
  /** Known from its making; undefined after a restart. */
  readonly oid?: number | undefined;
  /** Its real credential; undefined after a restart. */
  readonly secret?: Secret | undefined;
  readonly held?: readonly HeldConnection[] | undefined;
}

/** What `AccountEnder` works with: `witness` ends nothing, it only looks. */
export interface EnderParts {
  readonly config: PostgresTargetConfig;
  readonly admin: AdminPool;
  readonly witness: AdminPool;
  readonly onLate: (oid: number, cut: number) => void;
}

const batchSize = 250;
const loginsAtOnce = 12;
const looks = 3;

/**
 * Ends accounts and proves it: disable → cut sessions until none is seen for the settle window, while the credential is tried → drop →
 * look from another connection. Many ends share each step.
 */
export class AccountEnder implements Disposable {
  readonly #parts: EnderParts;
  readonly #disable: Batcher<string, DisabledRole>;
  readonly #drop: Batcher<QuietRole, DroppedRole>;
  readonly #verify: Batcher<DroppedName, Remains>;
  readonly #logins = new Limiter(loginsAtOnce);
  readonly #sweep: SessionSweep;
  readonly #settleMs: number;

  constructor(parts: EnderParts) {
    const { config, admin, witness, onLate } = parts;
    this.#parts = parts;
    this.#settleMs = Math.max(250, config.settleMs ?? 250);
    this.#disable = new Batcher((names) => disableRoles(admin, names), batchSize);
    this.#drop = new Batcher((roles) => dropRoles(admin, config, roles), batchSize);
    this.#verify = new Batcher((roles) => verifyGone(witness, roles), batchSize);
    this.#sweep = new SessionSweep(admin, {
      settleMs: this.#settleMs,
      timeoutMs: config.endTimeoutMs ?? 10_000,
      onLate,
    });
  }

  /** What was done and seen, for the evidence. @throws {LeaseError} STILL_ALIVE, TARGET_UNAVAILABLE; the database's own error */
  async end(account: DoomedAccount): Promise<Evidence["detail"]> {
    const times = startTimes();
    const disabled = await this.#disable.add(account.name);
    times.mark("disabled_ms");
    const oid = disabled.oid ?? account.oid;
    const trial = this.#tryCredential(account);
    // It needs not be waited for before the drop; its failure is looked at below.
    trial.then(
      () => times.mark("tried_ms"),
      () => undefined,
    );
    const cut = oid === undefined ? 0 : await this.#sweep.untilQuiet(oid);
    times.mark("settled_ms");
    const dropped =
      disabled.oid === undefined ? undefined : await this.#drop.add({ name: account.name, oid: disabled.oid });
    times.mark("dropped_ms");
    const [login, held, late] = await Promise.all([
      trial,
      this.#proveHeld(account),
      this.#prove({ name: account.name, oid }),
    ]);
    times.mark("verified_ms");
    if (oid !== undefined) this.#sweep.watchAfterEnd(oid);
    return {
      role: account.name,
      role_oid: oid ?? 0,
      settle_ms: this.#settleMs,
      sessions_cut: cut,
      late_sessions: late,
      borrowers: disabled.borrowers,
      login,
      credential: account.secret === undefined ? "unknown" : "real",
      held,
      prepared_rolled_back: dropped?.preparedRolledBack ?? 0,
      objects_dropped: dropped?.objectsDropped ?? 0,
      role_absent: true,
      sessions: 0,
      prepared: 0,
      owned: 0,
      memberships: 0,
      ...times.all,
    };
  }

  [Symbol.dispose](): void {
    this.#sweep.stop();
  }

  async #tryCredential({ name, secret }: DoomedAccount): Promise<string> {
    if (secret === undefined) return "untried";
    return await this.#logins.run(() => tryLogin(this.#parts.config, name, secret));
  }

  async #proveHeld({ held = [] }: DoomedAccount): Promise<string> {
    const found = await Promise.all(held.map((one) => one.proveDead()));
    return found.length === 0 ? "none" : found.join(", ");
  }

  /** How many sessions turned up after the drop, all gone now. */
  async #prove(role: DroppedName): Promise<number> {
    for (let late = 0, look = 1; ; look++) {
      const remains = await this.#verify.add(role);
      const { sessions, ...others } = remains;
      const left = Object.entries(others).filter(([, count]) => count > 0);
      if (left.length > 0 || (sessions > 0 && look === looks)) {
        const what = Object.entries(remains).map(([name, count]) => `${name} ${count}`);
        throw new LeaseError("STILL_ALIVE", `the database still has something of the account: ${what.join(", ")}`);
      }
      if (sessions === 0) return late;
      if (role.oid !== undefined) late += await this.#sweep.untilQuiet(role.oid);
    }
  }
}

function startTimes(): { readonly all: Record<string, number>; mark(name: string): void } {
  const started = performance.now();
  const all: Record<string, number> = {};
  return { all, mark: (name) => void (all[name] = Math.round((performance.now() - started) * 10) / 10) };
}
