// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { AwaitDeliveryResponse, EntryResult } from "@mayfly/rpc";
import type { ServerConnection } from "../../connection.ts";
import { usageFailure } from "../../failure.ts";
import { contentOf } from "../../files.ts";
import { type OutputFormat, printJson, printLine } from "../../output.ts";
import { batchFailure } from "../batch.ts";
import { serverCommand } from "../command.ts";
import { entryFields, type EntryOptions, withEntryOptions } from "./fields.ts";
import { entryJson, printEntry } from "./print.ts";

interface CreateOptions extends EntryOptions {
  readonly wait?: boolean;
  readonly data?: string;
}

interface Delivery extends AwaitDeliveryResponse {
  readonly milliseconds: number;
}

/** Entries of one request: keeps a document of any length below the message limit. */
const batchSize = 500;
const waitTimeoutMs = 60_000;

async function entriesToCreate(server: ServerConnection, options: CreateOptions): Promise<Record<string, unknown>[]> {
  if (options.data !== undefined) {
    if (options.spiffeId !== undefined || options.parentId !== undefined || options.selector !== undefined)
      throw usageFailure("--data excludes --spiffe-id, --parent-id and --selector: the document holds them");
    const { entriesFromDocument } = await import("./document.ts");
    return entriesFromDocument(contentOf(options.data));
  }
  const missing = [
    options.spiffeId === undefined ? "--spiffe-id" : "",
    options.parentId === undefined && options.node !== true ? "--parent-id or --node" : "",
    options.selector === undefined ? "--selector" : "",
  ].filter((name) => name !== "");
  if (missing.length > 0) throw usageFailure(`missing: ${missing.join(", ")}`);
  const serverId = options.node === true ? await server.serverId() : undefined;
  return [entryFields(options, serverId, new Date())];
}

async function create(server: ServerConnection, entries: readonly object[]): Promise<EntryResult[]> {
  const results: EntryResult[] = [];
  for (let start = 0; start < entries.length; start += batchSize) {
    const request = { entries: entries.slice(start, start + batchSize) };
    results.push(...(await server.call("entry", "BatchCreateEntry", request)).results);
  }
  return results;
}

/** Waits until the agents concerned hold the entries; says how many and how long it took since `started`. */
async function awaitDelivery(
  server: ServerConnection,
  results: readonly EntryResult[],
  started: number,
): Promise<Delivery> {
  const entry_ids = results.flatMap((result) => (result.entry ? [result.entry.id] : []));
  const options = { timeoutMs: waitTimeoutMs };
  const { agents, agents_pending } = await server.call("admin", "AwaitDelivery", { entry_ids }, options);
  return { agents, agents_pending, milliseconds: Math.round(performance.now() - started) };
}

function resultJson(result: EntryResult): Record<string, unknown> {
  const status = { code: result.status?.code ?? 0, message: result.status?.message ?? "" };
  return { status, entry: result.entry ? entryJson(result.entry) : null };
}

function printResults(results: readonly EntryResult[], delivery: Delivery | undefined, format: OutputFormat): void {
  if (format === "json")
    return printJson({ results: results.map(resultJson), ...(delivery !== undefined && { delivery }) });
  const created = results.flatMap((result) => (result.entry && result.status?.code === 0 ? [result.entry] : []));
  for (const [index, entry] of created.entries()) {
    if (index > 0) printLine("");
    printEntry(entry);
  }
  if (delivery === undefined) return;
  printLine(`delivered to ${delivery.agents} ${noun(delivery.agents)} after ${delivery.milliseconds} ms`);
  if (delivery.agents_pending > 0)
    printLine(`${delivery.agents_pending} ${noun(delivery.agents_pending)} later: polling, or not connected`);
}

function noun(count: number): string {
  return count === 1 ? "agent" : "agents";
}

/** `mayfly entry create`. */
export function entryCreate(): Command {
  const command = withEntryOptions(new Command("create").description("register processes as a SPIFFE ID"))
    .option("--entry-id <id>", "id of the entry, instead of one made by the server")
    .option("--wait", "return when the agents concerned hold it; say how many, and after how many ms")
    .option("--data <file>", "many entries from a JSON or YAML file, - for standard input");
  const example =
    "mayfly entry create --spiffe-id spiffe://example.org/web --parent-id spiffe://example.org/node-1 --selector unix:uid:1000 --wait";
  return serverCommand<CreateOptions>(command, example, async (server, { options, format }) => {
    const entries = await entriesToCreate(server, options);
    const started = performance.now();
    const results = await create(server, entries);
    const created = results.filter((result) => result.status?.code === 0);
    let delivery: Delivery | undefined;
    try {
      if (options.wait === true && created.length > 0) delivery = await awaitDelivery(server, created, started);
    } finally {
      // What was created is told, even if nobody knows whether it arrived.
      printResults(results, delivery, format);
    }
    const failure = batchFailure(
      results.map((result, index) => ({
        status: result.status,
        // Of many, which one; of one, which stands in its way.
        what: results.length > 1 ? `entry ${index + 1}` : (result.entry?.id ?? ""),
      })),
    );
    if (failure !== undefined) throw failure;
  });
}
