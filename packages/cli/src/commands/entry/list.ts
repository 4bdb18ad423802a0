// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { EntryMessage, ListEntriesResponse } from "@mayfly/rpc";
import { serverCommand, type ServerConnection } from "../../connect.ts";
import { printJson, printTable } from "../../output.ts";
import { idText } from "../../values.ts";
import { entryFilter, withEntryFilter } from "./filter.ts";
import { entryJson, selectorTexts } from "./print.ts";

const pageSize = 500;

/** Every entry that fits the filter, page by page. */
async function* allEntries(server: ServerConnection, filter: Record<string, unknown>): AsyncIterable<EntryMessage> {
  let pageToken = "";
  do {
    const request = { filter, page_size: pageSize, page_token: pageToken };
    const page = await server.call<ListEntriesResponse>("entry", "ListEntries", request);
    yield* page.entries;
    pageToken = page.next_page_token;
  } while (pageToken !== "");
}

/** `mayfly entry list`. */
export function entryList(): Command {
  const command = withEntryFilter(new Command("list").description("list registration entries, oldest first"));
  return serverCommand(
    command,
    "mayfly entry list --selector unix:uid:1000 --match superset",
    async (server, options, format) => {
      const entries = await Array.fromAsync(allEntries(server, entryFilter(options)));
      if (format === "json") return printJson({ entries: entries.map(entryJson) });
      printTable(
        ["ID", "SPIFFE ID", "PARENT ID", "SELECTORS"],
        entries.map((entry) => [
          entry.id,
          idText(entry.spiffe_id),
          idText(entry.parent_id),
          selectorTexts(entry).join(" "),
        ]),
      );
    },
  );
}
