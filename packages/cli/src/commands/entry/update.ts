// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { serverCommand } from "../command.ts";
import { usageFailure } from "../../failure.ts";
import { printJson } from "../../output.ts";
import { batchFailure } from "../batch.ts";
import { entryFields, withEntryOptions, type EntryOptions } from "./fields.ts";
import { entryJson, printEntry } from "./print.ts";

/** `mayfly entry update`: changes what is named, leaves the rest. */
export function entryUpdate(): Command {
  const command = withEntryOptions(new Command("update").description("change an entry; what is not named stays"))
    .argument("[entry-id]", "id of the entry")
    .option("--entry-id <id>", "id of the entry");
  const example = "mayfly entry update 3f2a… --selector unix:uid:1001";
  return serverCommand<EntryOptions>(command, example, async (server, { options, format, argument }) => {
    const id = typeof argument === "string" ? argument : options.entryId;
    if (id === undefined) throw usageFailure("which entry? give its id");
    const serverId = options.node === true ? await server.serverId() : undefined;
    const { id: _id, ...changes } = entryFields(options, serverId, new Date());
    if (Object.keys(changes).length === 0) throw usageFailure("nothing to change: name at least one option");
    const request = {
      entries: [{ id, ...changes }],
      input_mask: Object.fromEntries(Object.keys(changes).map((field) => [field, true])),
    };
    const { results } = await server.call("entry", "BatchUpdateEntry", request);
    const failure = batchFailure(results.map((result) => ({ status: result.status, what: id })));
    if (failure !== undefined) throw failure;
    const entry = results[0]?.entry;
    if (!entry) return;
    if (format === "json") printJson(entryJson(entry));
    else printEntry(entry);
  });
}
