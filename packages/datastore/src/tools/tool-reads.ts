// SPDX-License-Identifier: Apache-2.0
import type { PinnedTool } from "@mayfly/tasks";
import type { Connection } from "../sqlite/connection.ts";
import { findTool, toTool } from "./tool-rows.ts";

export function get(db: Connection, { server, tool }: { server: string; tool: string }): PinnedTool | undefined {
  return findTool(db, server, tool);
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
