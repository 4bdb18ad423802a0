// SPDX-License-Identifier: Apache-2.0
import type { CreateEntryOutcome, NewEntry } from "@mayfly/registration";
import type { Connection } from "../sqlite/connection.ts";

/** Names of constraints as clients of SPIRE know them. */
export const constraints: { readonly id: string; readonly selectors: string; readonly dnsNames: string } = {
  id: "registered_entries.entry_id",
  selectors: "selectors.registered_entry_id, selectors.type, selectors.value",
  dnsNames: "dns_names.registered_entry_id, dns_names.value",
};

function hasDuplicates(texts: readonly string[]): boolean {
  return new Set(texts).size < texts.length;
}

/** What the sets of an entry break; undefined when they can be stored. */
export function setConflict(db: Connection, entry: NewEntry): CreateEntryOutcome | undefined {
  for (const trustDomain of entry.federatesWith) {
    const bundle = db.build.selectFrom("bundles").select("row_id").where("trust_domain", "=", trustDomain);
    if (db.first(bundle) === undefined) return { outcome: "no-bundle", trustDomain };
  }
  if (hasDuplicates(entry.selectors.map(({ type, value }) => `${type}:${value}`))) {
    return { outcome: "conflict", constraint: constraints.selectors };
  }
  if (hasDuplicates(entry.dnsNames)) return { outcome: "conflict", constraint: constraints.dnsNames };
  return undefined;
}

/** Stores the sets of the entry in row `owner`, which has none yet. */
export function insertSets(db: Connection, owner: number, entry: NewEntry): void {
  for (const [position, { type, value }] of entry.selectors.entries()) {
    db.run(db.build.insertInto("entry_selectors").values({ owner, position, type, value }));
  }
  for (const [position, name] of entry.dnsNames.entries()) {
    db.run(db.build.insertInto("entry_dns_names").values({ owner, position, name }));
  }
  for (const trust_domain of new Set(entry.federatesWith)) {
    db.run(db.build.insertInto("entry_federation").values({ owner, trust_domain }));
  }
}

/** Takes the sets of row `owner` away. */
export function deleteSets(db: Connection, owner: number): void {
  for (const table of ["entry_selectors", "entry_dns_names", "entry_federation"] as const) {
    db.run(db.build.deleteFrom(table).where("owner", "=", owner));
  }
}
