// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { parseCheckpoint, parseNote } from "@mayfly/journal";
import type { ServerConnection } from "../../connection.ts";
import { CliFailure } from "../../failure.ts";
import { writeOne } from "../../files.ts";
import { exportEntries } from "./records.ts";
import { TileWriter } from "./tile-writer.ts";

/** What was written. */
export interface ExportedLog {
  readonly size: number;
  /** As the server names it: compare it with the one that you were given elsewhere. */
  readonly vkey: string;
}

/**
 * Writes the whole signed log of a server into a directory: entries, tiles, and last the checkpoint that is about them.
 * @throws {CliFailure} BAD_ANSWER when the server gives less than it signed
 */
export async function exportLog(server: ServerConnection, directory: string): Promise<ExportedLog> {
  const { checkpoint, vkey } = await server.call("records", "GetCheckpoint", {});
  const { size } = parseCheckpoint(parseNote(checkpoint).text);
  const tiles = new TileWriter(directory);
  if (size > 0) for await (const { entry } of exportEntries(server, { to: size })) tiles.append(entry);
  if (tiles.size !== size)
    throw new CliFailure("BAD_ANSWER", `the server signed ${String(size)} records and gave ${String(tiles.size)}`);
  tiles.finish();
  writeOne(join(directory, "checkpoint"), checkpoint, "public");
  return { size, vkey };
}
