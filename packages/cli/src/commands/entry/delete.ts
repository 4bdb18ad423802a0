// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { BatchDeleteEntryResponse } from "@mayfly/rpc";
import { serverCommand } from "../../connect.ts";
import { printJson, printLine } from "../../output.ts";
import { batchFailure } from "../batch.ts";

/** `mayfly entry delete`. */
export function entryDelete(): Command {
  const command = new Command("delete")
    .description("delete entries; their streams end within a second")
    .argument("<entry-id...>", "ids of the entries");
  return serverCommand(command, "mayfly entry delete 3f2a…", async (server, _options, format, ids) => {
    const { results } = await server.call<BatchDeleteEntryResponse>("entry", "BatchDeleteEntry", { ids });
    const deleted = results.filter((result) => result.status?.code === 0).map((result) => result.id);
    if (format === "json") printJson({ deleted });
    else for (const id of deleted) printLine(`deleted ${id}`);
    const failure = batchFailure(results.map((result) => ({ status: result.status, what: result.id })));
    if (failure !== undefined) throw failure;
  });
}
