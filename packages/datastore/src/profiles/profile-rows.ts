// SPDX-License-Identifier: Apache-2.0
import { type AgentProfile, formatScope, parseScope, type ProfileState, type Tier } from "@mayfly/tasks";
import type { Selectable } from "kysely";
import type { Connection } from "../sqlite/connection.ts";
import type { Schema } from "../sqlite/schema.ts";

type ProfileRow = Selectable<Schema["profiles"]>;

export function toProfile(row: ProfileRow): AgentProfile {
  return {
    name: row.name,
    owner: row.owner,
    ...(row.backup !== null && { backup: row.backup }),
    tier: row.tier as Tier,
    ceiling: parseScope(JSON.parse(row.ceiling)),
    selectors: JSON.parse(row.selectors) as string[],
    ...(row.parent_id !== null && { parentId: row.parent_id }),
    expiresAt: new Date(row.expires_at),
    state: row.state as ProfileState,
    revision: row.revision,
  };
}

export function toColumns(profile: AgentProfile): ProfileRow {
  return {
    name: profile.name,
    owner: profile.owner,
    backup: profile.backup ?? null,
    tier: profile.tier,
    ceiling: formatScope(profile.ceiling),
    selectors: JSON.stringify(profile.selectors),
    parent_id: profile.parentId ?? null,
    expires_at: profile.expiresAt.getTime(),
    state: profile.state,
    revision: profile.revision,
  };
}

/** A profile by its name. */
export function findProfile(db: Connection, name: string): AgentProfile | undefined {
  const row = db.first(db.build.selectFrom("profiles").selectAll().where("name", "=", name));
  return row === undefined ? undefined : toProfile(row);
}
