// SPDX-License-Identifier: Apache-2.0
import type { PinnedTool, ToolDefinitions } from "@mayfly/tasks";
import type { Connection } from "../sqlite/connection.ts";
import { findToolRow, toTool } from "./tool-rows.ts";

export function get(db: Connection, { server, tool }: { server: string; tool: string }): PinnedTool | undefined {
  const row = findToolRow(db, server, tool);
  return row === undefined ? undefined : toTool(row);
}

export function definitions(
  db: Connection,
  { server, tool }: { server: string; tool: string },
): ToolDefinitions | undefined {
  const row = findToolRow(db, server, tool);
  return row === undefined ? undefined : { trusted: row.definition, seen: row.seen_definition };
}

export function list(
  db: Connection,
  { server, state }: { server?: string | undefined; state?: PinnedTool["state"] | undefined },
): readonly PinnedTool[] {
  let query = db.build.selectFrom("pinned_tools").selectAll().orderBy("server").orderBy("tool");
  if (server !== undefined) query = query.where("server", "=", server);
  if (state !== undefined) query = query.where("state", "=", state);
  return db.all(query).map(toTool);
}
