// SPDX-License-Identifier: Apache-2.0
import type { AuthorityKind, AuthorityRecord, BundleEdit } from "@mayfly/ca";
import type { StoredBundle } from "@mayfly/registration";
import { get as getBundle } from "../bundles/bundle-reads.ts";
import { set as setBundle } from "../bundles/bundle-writes.ts";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";
import { applyEdit } from "./bundle-edits.ts";
import { toColumns } from "./authority-rows.ts";

interface AuthorityChange {
  readonly kind: AuthorityKind;
  readonly version: number;
  readonly records: readonly AuthorityRecord[];
  readonly edits: readonly BundleEdit[];
  /** Name of the server's own trust domain. */
  readonly trustDomain: string;
}

// A bundle that did not exist starts at 0, so that a fresh server with one authority of each kind has 1, as SPIRE's.
function editBundle(tx: WriteTransaction, trustDomain: string, edits: readonly BundleEdit[]): void {
  const fresh: StoredBundle = {
    trustDomain,
    x509Authorities: [],
    jwtAuthorities: [],
    refreshHint: 0,
    sequenceNumber: -1n,
  };
  const current = getBundle(tx.db, trustDomain)?.bundle ?? fresh;
  setBundle(tx, { ...edits.reduce(applyEdit, current), sequenceNumber: current.sequenceNumber + 1n });
}

export function commit(tx: WriteTransaction, change: AuthorityChange): boolean {
  const { db } = tx;
  const { kind, version, records, edits, trustDomain } = change;
  const advance = db.build
    .updateTable("authority_versions")
    .set({ version: version + 1 })
    .where("kind", "=", kind)
    .where("version", "=", version);
  if (db.run(advance) === 0) return false;
  db.run(db.build.deleteFrom("authorities").where("kind", "=", kind));
  for (const [position, record] of records.entries()) {
    db.run(db.build.insertInto("authorities").values(toColumns(record, position)));
  }
  if (edits.length > 0) editBundle(tx, trustDomain, edits);
  return true;
}
