// SPDX-License-Identifier: Apache-2.0
import type { EntryFilter, Page, PageRequest, RegistrationEntry } from "@mayfly/registration";
import type { Connection } from "../sqlite/connection.ts";
import { pageLimit, pageStart, toPage } from "../sqlite/page.ts";
import { entryCondition } from "./entry-filter.ts";
import { firstEntry, selectEntries, toEntry } from "./entry-rows.ts";

export function get(db: Connection, id: string): RegistrationEntry | undefined {
  return firstEntry(db, selectEntries(db).where("entries.id", "=", id));
}

export function list(
  db: Connection,
  { filter, page }: { filter: EntryFilter; page: PageRequest },
): Page<RegistrationEntry> {
  const query = selectEntries(db)
    .where((eb) => entryCondition(eb, filter))
    .where("entries.row_id", ">", pageStart(page))
    .orderBy("entries.row_id")
    .limit(pageLimit(page));
  return toPage(db.all(query), page, toEntry);
}

export function count(db: Connection, filter: EntryFilter): number {
  const query = db.build
    .selectFrom("entries")
    .select((eb) => eb.fn.countAll<number>().as("n"))
    .where((eb) => entryCondition(eb, filter));
  return db.first(query)?.n ?? 0;
}
