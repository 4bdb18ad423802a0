// SPDX-License-Identifier: Apache-2.0
import type { PinnedTool } from "@mayfly/tasks";
import type { Selectable } from "kysely";
import type { Connection } from "../sqlite/connection.ts";
import type { Schema } from "../sqlite/schema.ts";

/** A tool as it is stored, with both definitions. */
export type ToolRow = Selectable<Schema["pinned_tools"]>;

export function toTool(row: ToolRow): PinnedTool {
  return {
    server: row.server,
    tool: row.tool,
    digest: row.digest,
    seenDigest: row.seen_digest,
    state: row.state as PinnedTool["state"],
    pinnedBy: row.pinned_by,
    pinnedAt: new Date(row.pinned_at),
    seenAt: new Date(row.seen_at),
    revision: row.revision,
  };
}

/** A tool by its server and name. */
export function findToolRow(db: Connection, server: string, tool: string): ToolRow | undefined {
  return db.first(
    db.build.selectFrom("pinned_tools").selectAll().where("server", "=", server).where("tool", "=", tool),
  );
}
