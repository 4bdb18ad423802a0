// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { CliFailure, usageFailure } from "../../failure.ts";
import { printJson, printLine } from "../../output.ts";
import { serverCommand } from "../command.ts";
import { entryFilter, type EntryFilterOptions, withEntryFilter } from "./filter.ts";
import { allEntries } from "./list.ts";
import { entryJson, printEntry } from "./print.ts";

interface ShowOptions extends EntryFilterOptions {
  readonly entryId?: string;
}

/** `mayfly entry show`: one entry by its id, or all that fit the filters, with every field. */
export function entryShow(): Command {
  const command = withEntryFilter(new Command("show").description("print one entry, or those that fit the filters"))
    .argument("[entry-id]", "id of the entry")
    .option("--entry-id <id>", "id of the entry");
  return serverCommand<ShowOptions>(
    command,
    "mayfly entry show --spiffe-id spiffe://example.org/web",
    async (server, { options, format, argument }) => {
      const id = typeof argument === "string" ? argument : options.entryId;
      if (id !== undefined) {
        const entry = await server.call("entry", "GetEntry", { id });
        return format === "json" ? printJson(entryJson(entry)) : printEntry(entry);
      }
      const filter = entryFilter(options);
      if (Object.keys(filter).length === 0) throw usageFailure("which entry? give its id, or a filter");
      const entries = await allEntries(server, filter);
      if (format === "json") return printJson({ entries: entries.map(entryJson) });
      if (entries.length === 0) throw new CliFailure("NOT_FOUND", "no entry fits");
      for (const [index, entry] of entries.entries()) {
        if (index > 0) printLine("");
        printEntry(entry);
      }
    },
  );
}
