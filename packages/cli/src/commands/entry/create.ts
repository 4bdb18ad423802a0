// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { AwaitDeliveryResponse, BatchEntryResponse } from "@mayfly/rpc";
import { serverCommand, type ServerConnection } from "../../connect.ts";
import { CliFailure, usageFailure } from "../../failure.ts";
import { printJson, printLine, type OutputFormat } from "../../output.ts";
import { contentOf } from "../../values.ts";
import { batchFailure } from "../batch.ts";
import { entriesFromDocument } from "./document.ts";
import { entryFields, withEntryOptions, type EntryOptions } from "./fields.ts";
import { entryJson, printEntry } from "./print.ts";

interface CreateOptions extends EntryOptions {
  readonly wait?: boolean;
  readonly data?: string;
}

type Result = BatchEntryResponse["results"][number];

async function entriesToCreate(server: ServerConnection, options: CreateOptions): Promise<Record<string, unknown>[]> {
  if (options.data !== undefined) return entriesFromDocument(contentOf(options.data));
  const missing = [
    options.spiffeId === undefined ? "--spiffe-id" : "",
    options.parentId === undefined && options.node !== true ? "--parent-id or --node" : "",
    options.selector === undefined ? "--selector" : "",
  ].filter((name) => name !== "");
  if (missing.length > 0) throw usageFailure(`missing: ${missing.join(", ")}`);
  const serverId = options.node === true ? await server.serverId() : undefined;
  return [entryFields(options, serverId, new Date())];
}

/** Waits until the agents concerned hold the entries; says how many and how long it took. */
async function awaitDelivery(
  server: ServerConnection,
  results: readonly Result[],
  started: number,
): Promise<Record<string, number>> {
  const ids = results.flatMap((result) => (result.entry ? [result.entry.id] : []));
  const delivered = await server.call<AwaitDeliveryResponse>("admin", "AwaitDelivery", { entry_ids: ids });
  return {
    agents: delivered.agents,
    agents_pending: delivered.agents_pending,
    milliseconds: Math.round(performance.now() - started),
  };
}

function printResults(
  results: readonly Result[],
  delivery: Record<string, number> | undefined,
  format: OutputFormat,
): void {
  if (format === "json") {
    const entries = results.map((result) => ({
      status: { code: result.status?.code ?? 0, message: result.status?.message ?? "" },
      entry: result.entry ? entryJson(result.entry) : null,
    }));
    return printJson({ results: entries, ...(delivery === undefined ? {} : { delivery }) });
  }
  for (const result of results) {
    if (result.entry && result.status?.code === 0) printEntry(result.entry);
    if (results.length > 1) printLine("");
  }
  if (delivery === undefined) return;
  printLine(`delivered to ${delivery["agents"]} agent(s) after ${delivery["milliseconds"]} ms`);
  if (delivery["agents_pending"] !== 0)
    printLine(`${delivery["agents_pending"]} agent(s) concerned are not connected and get it later`);
}

/** `mayfly entry create`. */
export function entryCreate(): Command {
  const command = withEntryOptions(new Command("create").description("register processes as a SPIFFE ID"))
    .option("--entry-id <id>", "id of the entry, instead of one made by the server")
    .option("--wait", "return when the agents concerned hold it")
    .option("--data <file>", "many entries from a JSON or YAML file, - for standard input");
  const example =
    "mayfly entry create --spiffe-id spiffe://example.org/web --parent-id spiffe://example.org/node-1 --selector unix:uid:1000 --wait";
  return serverCommand<CreateOptions>(command, example, async (server, options, format) => {
    const entries = await entriesToCreate(server, options);
    const started = performance.now();
    const { results } = await server.call<BatchEntryResponse>("entry", "BatchCreateEntry", { entries });
    const created = results.filter((result) => result.status?.code === 0);
    const delivery =
      options.wait === true && created.length > 0 ? await awaitDelivery(server, created, started) : undefined;
    printResults(results, delivery, format);
    const failure = batchFailure(results.map((result) => ({ status: result.status, what: result.entry?.id ?? "" })));
    if (failure !== undefined) throw new CliFailure(failure.code, failure.message, { hint: failure.hint });
  });
}
