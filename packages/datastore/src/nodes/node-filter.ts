// SPDX-License-Identifier: Apache-2.0
import type { NodeFilter } from "@mayfly/registration";
import type { Expression, ExpressionBuilder, SqlBool } from "kysely";
import type { Schema } from "../sqlite/schema.ts";
import { selectorMembers, setCondition } from "../sqlite/selector-filter.ts";

/** All conditions of a filter, ANDed. */
export function nodeCondition(eb: ExpressionBuilder<Schema, "nodes">, filter: NodeFilter): Expression<SqlBool> {
  const { attestationType, selectors, banned, canReattest, expiresBefore } = filter;
  const conditions: Expression<SqlBool>[] = [];
  if (attestationType !== undefined) conditions.push(eb("nodes.attestation_type", "=", attestationType));
  if (banned !== undefined) conditions.push(eb("nodes.serial_number", banned ? "=" : "<>", ""));
  if (canReattest !== undefined) conditions.push(eb("nodes.can_reattest", "=", Number(canReattest)));
  if (expiresBefore !== undefined) conditions.push(eb("nodes.expires_at", "<", expiresBefore));
  if (selectors !== undefined) {
    conditions.push(
      setCondition({
        match: selectors.match,
        table: "node_selectors",
        owner: "nodes.row_id",
        columns: ["type", "value"],
        members: selectorMembers(selectors.selectors),
      }),
    );
  }
  return eb.and(conditions);
}
