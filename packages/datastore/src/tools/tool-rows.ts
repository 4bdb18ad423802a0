// SPDX-License-Identifier: Apache-2.0
import type { PinnedTool } from "@mayfly/tasks";
import type { Selectable } from "kysely";
import type { Connection } from "../sqlite/connection.ts";
import type { Schema } from "../sqlite/schema.ts";

type ToolRow = Selectable<Schema["pinned_tools"]>;

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

export function toColumns(tool: PinnedTool): ToolRow {
  return {
    server: tool.server,
    tool: tool.tool,
    digest: tool.digest,
    seen_digest: tool.seenDigest,
    state: tool.state,
    pinned_by: tool.pinnedBy,
    pinned_at: tool.pinnedAt.getTime(),
    seen_at: tool.seenAt.getTime(),
    revision: tool.revision,
  };
}

/** A tool by its server and name. */
export function findTool(db: Connection, server: string, tool: string): PinnedTool | undefined {
  const query = db.build.selectFrom("pinned_tools").selectAll().where("server", "=", server).where("tool", "=", tool);
  const row = db.first(query);
  return row === undefined ? undefined : toTool(row);
}
