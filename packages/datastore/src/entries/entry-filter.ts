// SPDX-License-Identifier: Apache-2.0
import type { EntryFilter } from "@mayfly/registration";
import { type Expression, type ExpressionBuilder, type SqlBool } from "kysely";
import { selectorMembers, setCondition } from "../sqlite/selector-filter.ts";
import type { Schema } from "../sqlite/schema.ts";

const owner = "entries.row_id";

/** All conditions of a filter, ANDed; every value compares byte for byte. */
export function entryCondition(eb: ExpressionBuilder<Schema, "entries">, filter: EntryFilter): Expression<SqlBool> {
  const { spiffeId, parentId, selectors, federatesWith, hint, downstream } = filter;
  const conditions: Expression<SqlBool>[] = [];
  if (spiffeId !== undefined) conditions.push(eb("entries.spiffe_id", "=", spiffeId));
  if (parentId !== undefined) conditions.push(eb("entries.parent_id", "=", parentId));
  if (hint !== undefined) conditions.push(eb("entries.hint", "=", hint));
  if (downstream !== undefined) conditions.push(eb("entries.downstream", "=", Number(downstream)));
  if (selectors !== undefined) {
    const members = selectorMembers(selectors.selectors);
    const columns = ["type", "value"];
    conditions.push(setCondition({ match: selectors.match, table: "entry_selectors", owner, columns, members }));
  }
  if (federatesWith !== undefined) {
    const members = [...new Set(federatesWith.trustDomains)].map((name) => [name]);
    const columns = ["trust_domain"];
    conditions.push(setCondition({ match: federatesWith.match, table: "entry_federation", owner, columns, members }));
  }
  return eb.and(conditions);
}
