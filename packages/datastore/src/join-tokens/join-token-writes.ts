// SPDX-License-Identifier: Apache-2.0
import type { ConsumeTokenOutcome, JoinToken, NewEntry } from "@mayfly/registration";
import { create as createEntry } from "../entries/entry-writes.ts";
import { OperationError } from "../sqlite/failure.ts";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";

interface Creation {
  readonly token: JoinToken;
  readonly alias: { readonly entry: NewEntry; readonly createdAt: number } | undefined;
}

/** False when there is an unused token with this hash; a used one gives way. */
export function create(tx: WriteTransaction, { token, alias }: Creation): boolean {
  const columns = {
    expires_at: token.expiresAt,
    agent_path: token.agentPath ?? null,
    retry_with_same_key: Number(token.retryWithSameKey),
    used_by_key: null,
    uses: 0,
  };
  const insert = tx.db.build
    .insertInto("join_tokens")
    .values({ hash: token.hash, ...columns })
    .onConflict((conflict) => conflict.column("hash").doUpdateSet(columns).where("join_tokens.uses", ">", 0));
  if (tx.db.run(insert) === 0) return false;
  if (alias === undefined) return true;
  const { outcome } = createEntry(tx, alias);
  // An entry that says the same serves as well.
  if (outcome === "created" || outcome === "similar") return true;
  throw new OperationError("STORE_CONFLICT", "the alias entry of a join token could not be written");
}

/** One statement decides: of many that come at once, one finds the token unused. `now` in Unix seconds. */
export function consume(
  tx: WriteTransaction,
  { hash, keyHash, now }: { hash: string; keyHash: string; now: number },
): ConsumeTokenOutcome {
  const query = tx.db.build
    .updateTable("join_tokens")
    .set((eb) => ({ used_by_key: keyHash, uses: eb("uses", "+", 1) }))
    .where("hash", "=", hash)
    .where((eb) =>
      eb.or([eb("uses", "=", 0), eb.and([eb("retry_with_same_key", "=", 1), eb("used_by_key", "=", keyHash)])]),
    )
    .returningAll();
  const row = tx.db.first(query);
  if (row === undefined) return { outcome: "unknown" };
  if (row.expires_at <= now) return { outcome: "expired" };
  const token: JoinToken = {
    hash,
    expiresAt: row.expires_at,
    agentPath: row.agent_path ?? undefined,
    retryWithSameKey: row.retry_with_same_key === 1,
    usedByKey: keyHash,
  };
  return { outcome: "consumed", token, retried: row.uses > 1 };
}

/** `before` in Unix seconds. How many there were. */
export function prune(tx: WriteTransaction, before: number): number {
  return tx.db.run(tx.db.build.deleteFrom("join_tokens").where("expires_at", "<", before));
}
