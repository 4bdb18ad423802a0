// SPDX-License-Identifier: Apache-2.0
import type { PinnedTool, ToolApproval, ToolSighting } from "@mayfly/tasks";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";
import { findToolRow, type ToolRow, toTool } from "./tool-rows.ts";

/** What shows nothing new is not written: gateways ask at each list. */
export function see(tx: WriteTransaction, sighting: ToolSighting): PinnedTool {
  const { server, tool, digest, definition, by } = sighting;
  const at = sighting.at.getTime();
  const stored = findToolRow(tx.db, server, tool);
  const seen = { seen_digest: digest, seen_definition: definition, seen_at: at };
  if (stored === undefined) {
    const pinned = { state: "pinned", pinned_by: by, pinned_at: at, revision: 0 } as const;
    return write(tx, { server, tool, digest, definition, ...seen, ...pinned });
  }
  if (digest === stored.digest || digest === stored.seen_digest) return toTool(stored);
  return write(tx, { ...stored, ...seen, state: "quarantined" });
}

export function approve(tx: WriteTransaction, { server, tool, digest, by, at }: ToolApproval): PinnedTool | undefined {
  const stored = findToolRow(tx.db, server, tool);
  if (stored === undefined || (digest !== stored.seen_digest && digest !== stored.digest)) return undefined;
  const definition = digest === stored.seen_digest ? stored.seen_definition : stored.definition;
  const both = { digest, definition, seen_digest: digest, seen_definition: definition };
  return write(tx, { ...stored, ...both, state: "pinned", pinned_by: by, pinned_at: at.getTime() });
}

function write(tx: WriteTransaction, tool: ToolRow): PinnedTool {
  const columns = { ...tool, revision: tx.takeRevision() };
  const insert = tx.db.build.insertInto("pinned_tools").values(columns);
  tx.db.run(insert.onConflict((conflict) => conflict.columns(["server", "tool"]).doUpdateSet(columns)));
  return toTool(columns);
}
