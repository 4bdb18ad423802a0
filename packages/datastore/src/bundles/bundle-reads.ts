// SPDX-License-Identifier: Apache-2.0
import type { Page, PageRequest, StoredBundle } from "@mayfly/registration";
import type { Connection } from "../sqlite/connection.ts";
import { pageLimit, pageStart, toPage } from "../sqlite/page.ts";
import { toBundle } from "./bundle-rows.ts";

/** A bundle and the revision that wrote it. */
export interface VersionedBundle {
  readonly bundle: StoredBundle;
  readonly version: number;
}

export function get(db: Connection, trustDomain: string): VersionedBundle | undefined {
  const row = db.first(db.build.selectFrom("bundles").selectAll().where("trust_domain", "=", trustDomain));
  return row === undefined ? undefined : { bundle: toBundle(row), version: row.revision };
}

export function list(db: Connection, page: PageRequest): Page<StoredBundle> {
  const query = db.build
    .selectFrom("bundles")
    .selectAll()
    .where("row_id", ">", pageStart(page))
    .orderBy("row_id")
    .limit(pageLimit(page));
  return toPage(db.all(query), page, toBundle);
}

export function count(db: Connection, _all: null): number {
  return db.first(db.build.selectFrom("bundles").select((eb) => eb.fn.countAll<number>().as("n")))?.n ?? 0;
}
