// SPDX-License-Identifier: Apache-2.0
import type { Page, PageRequest } from "@mayfly/registration";

/** `-1` is SQLite's word for no limit. */
export function pageLimit({ pageSize }: PageRequest): number {
  return pageSize > 0 ? pageSize : -1;
}

/** Where a page starts: rows after this one. Without a size there is one page only. */
export function pageStart({ pageSize, after }: PageRequest): number {
  return pageSize > 0 ? (after ?? 0) : 0;
}

export function toPage<Row extends { readonly row_id: number }, T>(
  rows: readonly Row[],
  page: PageRequest,
  toItem: (row: Row) => T,
): Page<T> {
  const items = rows.map(toItem);
  const last = page.pageSize > 0 ? rows.at(-1)?.row_id : undefined;
  return last === undefined ? { items } : { items, last };
}
