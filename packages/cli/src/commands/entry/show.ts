// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { EntryMessage } from "@mayfly/rpc";
import { serverCommand } from "../../connect.ts";
import { printJson } from "../../output.ts";
import { entryJson, printEntry } from "./print.ts";

/** `mayfly entry show`. */
export function entryShow(): Command {
  const command = new Command("show").description("print one entry").argument("<entry-id>", "id of the entry");
  return serverCommand(command, "mayfly entry show 3f2a…", async (server, _options, format, id) => {
    const entry = await server.call<EntryMessage>("entry", "GetEntry", { id });
    if (format === "json") return printJson(entryJson(entry));
    printEntry(entry);
  });
}
