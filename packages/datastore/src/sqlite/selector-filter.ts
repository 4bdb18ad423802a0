// SPDX-License-Identifier: Apache-2.0
import type { MatchBehavior, Selector } from "@mayfly/registration";
import { type RawBuilder, type SqlBool, sql } from "kysely";

/** A set that rows have and the set that a filter asks for. */
export interface SetFilter {
  readonly match: MatchBehavior;
  /** Table with one row per member and owner. */
  readonly table: "entry_selectors" | "node_selectors" | "entry_federation";
  /** Column of the outer query that the members' `owner` refers to. */
  readonly owner: "entries.row_id" | "nodes.row_id";
  readonly columns: readonly string[];
  /** Distinct members, each with the values of `columns`. */
  readonly members: readonly (readonly string[])[];
}

/** Most members of a filter's set; a member takes up to two of SQLite's 32,766 parameters. */
const maxMembers = 5000;

/**
 * How the row's set stands to the filter's: `exact` the same, `superset` has all of them, `subset` has some and nothing else,
 * `any` has at least one.
 * @throws {RangeError} more than 5,000 members
 */
export function setCondition({ match, table, owner, columns, members }: SetFilter): RawBuilder<SqlBool> {
  if (members.length > maxMembers) throw new RangeError(`a filter has at most ${maxMembers} members`);
  if (members.length === 0) return match === "superset" ? sql`true` : sql`false`;
  const names = sql.join(columns.map((column) => sql.ref(column)));
  const values = sql.join(members.map((member) => sql`(${sql.join(member)})`));
  const own = sql`select count(*) from ${sql.table(table)} where owner = ${sql.ref(owner)}`;
  const inFilter = sql`(${names}) in (values ${values})`;
  const candidates = sql`${sql.ref(owner)} in (select owner from ${sql.table(table)} where ${inFilter} group by owner`;
  const hasAll = sql<SqlBool>`${candidates} having count(*) = ${members.length})`;
  const byMatch: Readonly<Record<MatchBehavior, RawBuilder<SqlBool>>> = {
    any: sql`${candidates})`,
    superset: hasAll,
    exact: sql`(${hasAll} and (${own}) = ${members.length})`,
    subset: sql`(${candidates}) and (${own} and not (${inFilter})) = 0)`,
  };
  return byMatch[match];
}

/** The members of a selector set, without duplicates. */
export function selectorMembers(selectors: readonly Selector[]): string[][] {
  // A type has no colon, so that the text names the selector.
  const distinct = new Map(selectors.map(({ type, value }) => [`${type}:${value}`, [type, value]]));
  return [...distinct.values()];
}
