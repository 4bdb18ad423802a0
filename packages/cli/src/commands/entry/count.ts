// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { serverCommand } from "../command.ts";
import { printJson, printLine } from "../../output.ts";
import { entryFilter, type EntryFilterOptions, withEntryFilter } from "./filter.ts";

/** `mayfly entry count`. */
export function entryCount(): Command {
  const command = withEntryFilter(new Command("count").description("count registration entries"));
  return serverCommand<EntryFilterOptions>(
    command,
    "mayfly entry count --parent-id spiffe://example.org/node-1",
    async (server, { options, format }) => {
      const { count } = await server.call("entry", "CountEntries", {
        filter: entryFilter(options),
      });
      if (format === "json") return printJson({ count });
      printLine(String(count));
    },
  );
}
