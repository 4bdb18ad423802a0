// SPDX-License-Identifier: Apache-2.0
import type { DeleteBundleMode, StoredBundle } from "@mayfly/registration";
import { firstEntry, selectEntries } from "../entries/entry-rows.ts";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";
import { toColumns } from "./bundle-rows.ts";

function written(tx: WriteTransaction, bundle: StoredBundle): true {
  tx.record({ kind: "bundle", trustDomain: bundle.trustDomain, bundle });
  return true;
}

/** Replaces or creates. */
export function set(tx: WriteTransaction, bundle: StoredBundle): void {
  const columns = toColumns(bundle, tx.takeRevision());
  tx.db.run(
    tx.db.build
      .insertInto("bundles")
      .values(columns)
      .onConflict((conflict) => conflict.column("trust_domain").doUpdateSet(columns)),
  );
  written(tx, bundle);
}

/** Writes while the stored bundle is still the one of revision `version`, or while there is none where `version` is undefined; false otherwise. */
export function replace(
  tx: WriteTransaction,
  { bundle, version }: { bundle: StoredBundle; version: number | undefined },
): boolean {
  const { db } = tx;
  const stored = db.first(
    db.build.selectFrom("bundles").select("revision").where("trust_domain", "=", bundle.trustDomain),
  );
  if (stored?.revision !== version) return false;
  set(tx, bundle);
  return true;
}

interface Deletion {
  readonly trustDomain: string;
  readonly mode: DeleteBundleMode;
}

function remove(
  tx: WriteTransaction,
  { trustDomain, mode }: Deletion,
): { deleted: boolean; federatedEntries: number } | undefined {
  const { db } = tx;
  const bundle = db.first(db.build.selectFrom("bundles").select("row_id").where("trust_domain", "=", trustDomain));
  if (bundle === undefined) return undefined;
  const links = db.build
    .selectFrom("entry_federation")
    .innerJoin("entries", "entries.row_id", "entry_federation.owner")
    .select(["entries.row_id", "entries.id"])
    .where("trust_domain", "=", trustDomain);
  const entries = db.all(links);
  const federatedEntries = entries.length;
  if (mode === "restrict" && federatedEntries > 0) return { deleted: false, federatedEntries };
  if (mode === "delete") {
    for (const entry of entries) {
      db.run(db.build.deleteFrom("entries").where("row_id", "=", entry.row_id));
      tx.record({ kind: "entry", id: entry.id, entry: undefined });
    }
  }
  db.run(db.build.deleteFrom("entry_federation").where("trust_domain", "=", trustDomain));
  if (mode === "dissociate") {
    for (const { id } of entries) {
      tx.record({ kind: "entry", id, entry: firstEntry(db, selectEntries(db).where("entries.id", "=", id)) });
    }
  }
  db.run(db.build.deleteFrom("bundles").where("row_id", "=", bundle.row_id));
  tx.record({ kind: "bundle", trustDomain, bundle: undefined });
  return { deleted: true, federatedEntries };
}

export { remove as delete };
