// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { EntryMessage } from "@mayfly/rpc";
import type { ServerConnection } from "../../connection.ts";
import { printJson, printTable } from "../../output.ts";
import { idText } from "../../values.ts";
import { serverCommand } from "../command.ts";
import { entryFilter, type EntryFilterOptions, withEntryFilter } from "./filter.ts";
import { entryJson, selectorTexts } from "./print.ts";

const pageSize = 500;

/** Every entry that fits the filter, read page by page. */
export async function allEntries(server: ServerConnection, filter: object): Promise<EntryMessage[]> {
  const entries: EntryMessage[] = [];
  let page_token = "";
  do {
    const page = await server.call("entry", "ListEntries", { filter, page_size: pageSize, page_token });
    entries.push(...page.entries);
    page_token = page.next_page_token;
  } while (page_token !== "");
  return entries;
}

/** `mayfly entry list`. */
export function entryList(): Command {
  const command = withEntryFilter(new Command("list").description("list registration entries, oldest first"));
  return serverCommand<EntryFilterOptions>(
    command,
    "mayfly entry list --selector unix:uid:1000 --match superset",
    async (server, { options, format }) => {
      const entries = await allEntries(server, entryFilter(options));
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
