// SPDX-License-Identifier: Apache-2.0
import type { PinnedTool, ToolSighting } from "@mayfly/tasks";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";
import { findTool, toColumns } from "./tool-rows.ts";

/** What shows nothing new is not written: gateways ask at each list. */
export function see(tx: WriteTransaction, sighting: ToolSighting): PinnedTool {
  const { server, tool, digest, by, at } = sighting;
  const stored = findTool(tx.db, server, tool);
  if (stored === undefined) {
    const named = { server, tool, digest, seenDigest: digest, state: "pinned", pinnedBy: by } as const;
    return write(tx, { ...named, pinnedAt: at, seenAt: at, revision: 0 });
  }
  if (digest === stored.digest || digest === stored.seenDigest) return stored;
  return write(tx, { ...stored, seenDigest: digest, state: "quarantined", seenAt: at });
}

export function approve(tx: WriteTransaction, sighting: ToolSighting): PinnedTool | undefined {
  const { server, tool, digest, by, at } = sighting;
  const stored = findTool(tx.db, server, tool);
  if (stored === undefined || (digest !== stored.seenDigest && digest !== stored.digest)) return undefined;
  return write(tx, { ...stored, digest, seenDigest: digest, state: "pinned", pinnedBy: by, pinnedAt: at });
}

function write(tx: WriteTransaction, tool: PinnedTool): PinnedTool {
  const written = { ...tool, revision: tx.takeRevision() };
  const columns = toColumns(written);
  const insert = tx.db.build.insertInto("pinned_tools").values(columns);
  tx.db.run(insert.onConflict((conflict) => conflict.columns(["server", "tool"]).doUpdateSet(columns)));
  return written;
}
