// SPDX-License-Identifier: Apache-2.0
import type { AttestedNode } from "@mayfly/registration";
import { type Selectable, type SelectQueryBuilder, sql } from "kysely";
import type { Connection } from "../sqlite/connection.ts";
import type { Schema } from "../sqlite/schema.ts";

/** A node as the queries read it; selectors are a JSON array of pairs. */
export interface NodeRow extends Selectable<Schema["nodes"]> {
  readonly selectors: string;
}

/** Selects nodes with their selectors; add conditions. */
export function selectNodes(db: Connection): SelectQueryBuilder<Schema, "nodes", NodeRow> {
  return db.build
    .selectFrom("nodes")
    .selectAll("nodes")
    .select(
      sql<string>`(select json_group_array(json_array(s.type, s.value) order by s.position)
      from node_selectors s where s.owner = nodes.row_id)`.as("selectors"),
    );
}

export function toNode(row: NodeRow): AttestedNode {
  const pairs = JSON.parse(row.selectors) as [type: string, value: string][];
  return {
    id: row.id,
    attestationType: row.attestation_type,
    serialNumber: row.serial_number,
    expiresAt: row.expires_at,
    newSerialNumber: row.new_serial_number,
    newExpiresAt: row.new_expires_at,
    canReattest: row.can_reattest === 1,
    agentVersion: row.agent_version,
    selectors: pairs.map(([type, value]) => ({ type, value })),
  };
}
