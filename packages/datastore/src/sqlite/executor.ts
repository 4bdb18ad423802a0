// SPDX-License-Identifier: Apache-2.0
import type { CommittedChanges } from "@mayfly/registration";
import { operations } from "../operations.ts";
import type { StoreRequest, StoreResult } from "../thread/protocol.ts";
import type { Connection } from "./connection.ts";
import { type Failure, isFatal, OperationError, toFailure } from "./failure.ts";
import { WriteTransaction } from "./write-transaction.ts";

type Operation = (context: unknown, args: unknown) => unknown;

/**
 * How long writes are added to one transaction, beside the time that the commit before took: what came first should not wait for all that
 * came with it, and a slow disk should not be asked more often than it can answer.
 */
const defaultCollectMs = 5;

/** What writes came to: results of the first so many of the group. */
export interface GroupOutcome {
  readonly results: readonly StoreResult[];
  readonly committed: readonly CommittedChanges[];
}

function operation({ kind, area, name }: StoreRequest): Operation {
  const areas = operations[kind] as unknown as Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  const functions = Object.hasOwn(areas, area) ? areas[area] : undefined;
  const found = functions !== undefined && Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (found === undefined) throw new OperationError("STORE_FAILED", `no operation ${kind} ${area}.${name}`);
  return found;
}

/** Runs operations on one connection. After a fatal failure it refuses everything with that failure. */
export class Executor {
  readonly #db: Connection;
  readonly #collectMs: number;
  #commitMs = 0;
  #fatal: Failure | undefined;

  constructor(db: Connection, options: { readonly collectMs?: number } = {}) {
    this.#db = db;
    this.#collectMs = options.collectMs ?? defaultCollectMs;
  }

  read(request: StoreRequest): StoreResult {
    const { id } = request;
    if (this.#fatal !== undefined) return { id, failure: this.#fatal };
    try {
      return { id, value: operation(request)(this.#db, request.args) };
    } catch (error) {
      return { id, failure: this.#note(error) };
    }
  }

  /**
   * One transaction for as many as are done in time, at least one; a savepoint for each: what one violates does not touch the others. A
   * commit that fails fails all that were in it.
   */
  write(requests: readonly StoreRequest[]): GroupOutcome {
    if (this.#fatal !== undefined) return allFailed(requests, this.#fatal);
    const results: StoreResult[] = [];
    const committed: CommittedChanges[] = [];
    let tried = 0;
    try {
      this.#db.exec("BEGIN IMMEDIATE");
      const end = performance.now() + this.#collectMs + this.#commitMs;
      for (const request of requests) {
        tried++;
        results.push(this.#writeOne(request, committed));
        if (performance.now() > end) break;
      }
      this.#commit();
      return { results, committed };
    } catch (error) {
      const failure = this.#note(error);
      this.#rollBack();
      return allFailed(requests.slice(0, Math.max(tried, 1)), failure);
    }
  }

  #writeOne(request: StoreRequest, committed: CommittedChanges[]): StoreResult {
    const { id } = request;
    this.#db.exec("SAVEPOINT operation");
    try {
      const transaction = new WriteTransaction(this.#db);
      const value = operation(request)(transaction, request.args);
      this.#db.exec("RELEASE operation");
      if (transaction.committed !== undefined) committed.push(transaction.committed);
      return { id, value };
    } catch (error) {
      // SQLite takes the whole transaction back by itself after some failures of the disk.
      if (!this.#db.inTransaction) throw error;
      const failure = this.#note(error);
      this.#db.exec("ROLLBACK TO operation");
      this.#db.exec("RELEASE operation");
      return { id, failure };
    }
  }

  #commit(): void {
    const start = performance.now();
    this.#db.exec("COMMIT");
    this.#commitMs = performance.now() - start;
  }

  #rollBack(): void {
    if (!this.#db.inTransaction) return;
    try {
      this.#db.exec("ROLLBACK");
    } catch (error) {
      this.#note(error);
    }
  }

  #note(error: unknown): Failure {
    const failure = toFailure(error);
    if (isFatal(failure)) this.#fatal ??= failure;
    return failure;
  }
}

function allFailed(requests: readonly StoreRequest[], failure: Failure): GroupOutcome {
  return { results: requests.map(({ id }) => ({ id, failure })), committed: [] };
}
