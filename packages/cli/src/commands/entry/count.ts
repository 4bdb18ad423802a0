// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { CountEntriesResponse } from "@mayfly/rpc";
import { serverCommand } from "../../connect.ts";
import { printJson, printLine } from "../../output.ts";
import { entryFilter, withEntryFilter } from "./filter.ts";

/** `mayfly entry count`. */
export function entryCount(): Command {
  const command = withEntryFilter(new Command("count").description("count registration entries"));
  return serverCommand(
    command,
    "mayfly entry count --parent-id spiffe://example.org/node-1",
    async (server, options, format) => {
      const { count } = await server.call<CountEntriesResponse>("entry", "CountEntries", {
        filter: entryFilter(options),
      });
      if (format === "json") return printJson({ count });
      printLine(String(count));
    },
  );
}
