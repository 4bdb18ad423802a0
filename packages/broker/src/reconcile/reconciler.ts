// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@mayfly/telemetry";
import type { LeaseBook } from "../lease/lease-book.ts";
import type { Lease } from "../lease/lease.ts";
import type { LeaseLedger } from "../lease/lease-ledger.ts";
import type { FoundAccount } from "../postgres/list-accounts.ts";
import type { PostgresTarget } from "../postgres/postgres-target.ts";
import { accountOf } from "../postgres/account-name.ts";
import { ActivityMemory } from "./activity-memory.ts";

/** What a `Reconciler` compares. */
export interface ReconcilerParts {
  readonly targets: ReadonlyMap<string, PostgresTarget>;
  readonly ledger: LeaseLedger;
  readonly book: LeaseBook;
  readonly logger: Logger;
  /** Default 60,000. */
  readonly everyMs?: number | undefined;
}

/** What one comparison found. */
export interface Reconciliation {
  /** Accounts that no lease explained; dropped. */
  readonly orphans: readonly string[];
  /** Leases of an earlier process; being ended. */
  readonly foreign: readonly string[];
  readonly unmanaged: number;
}

/** Holds the accounts at the back-ends against the leases that the server knows, at the start and every minute. */
export class Reconciler {
  readonly #parts: ReconcilerParts;
  readonly #activity = new ActivityMemory();

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
  }

  /** Until the signal; a target that can't be reached is looked at the next time. */
  async run(signal: AbortSignal): Promise<void> {
    const { targets, logger, everyMs = 60_000 } = this.#parts;
    while (!signal.aborted) {
      for (const target of targets.values()) {
        try {
          await this.reconcile(target);
        } catch (error) {
          logger.error("reconcile_failed", { target: target.name, error });
        }
      }
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Resolves when orphans are gone; foreign leases go on ending. @throws {LeaseError}; what the ledger throws */
  async reconcile(target: PostgresTarget): Promise<Reconciliation> {
    const { ledger, book, logger } = this.#parts;
    // In this order: an account is made after its intent, so each that is found now has one in the list.
    const accounts = await target.accounts();
    const leases = await ledger.list();
    await book.begun();
    const known = new Set([
      ...leases.map((lease) => nameOf(lease, target)),
      ...book.all.map(({ lease }) => lease.account),
    ]);
    const foreign = leases.filter((lease) => lease.target === target.name && book.get(lease.id) === undefined);
    for (const lease of foreign) void book.endForeign(lease);
    const orphans = accounts.filter(({ name, isOurs }) => isOurs && !known.has(name)).map(({ name }) => name);
    if (orphans.length > 0) logger.warn("orphaned_accounts", { target: target.name, accounts: orphans });
    await Promise.all(orphans.map((name) => target.endAccount({ name })));
    const unmanaged = await this.#reportUnmanaged(target, accounts);
    return { orphans, foreign: foreign.map(({ id }) => id), unmanaged };
  }

  async #reportUnmanaged(target: PostgresTarget, accounts: readonly FoundAccount[]): Promise<number> {
    const others = accounts.filter(({ isOurs }) => !isOurs);
    const seen = this.#activity.note(target.name, others);
    await this.#parts.ledger.reportUnmanaged(
      target.name,
      others.map(({ name, canLogin, isLegacy }) => ({
        account: name,
        lastActivityAt: seen.get(name),
        canLogin,
        legacy: isLegacy,
      })),
    );
    return others.filter(({ isLegacy }) => !isLegacy).length;
  }
}

/** A name that can't be one of this target's explains nothing here. */
function nameOf(lease: Lease, { rolePrefix }: PostgresTarget): string {
  try {
    return accountOf(lease, rolePrefix);
  } catch {
    return lease.account;
  }
}
