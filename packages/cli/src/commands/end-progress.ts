// SPDX-License-Identifier: Apache-2.0
import type { EndSummary, GrantMessage } from "@mayfly/rpc";
import type { ServerConnection } from "../connection.ts";
import { CliFailure } from "../failure.ts";
import { spanText } from "../instants.ts";
import { type OutputFormat, printJson, printLine } from "../output.ts";
import { evidenceText, grantJson, printGrants } from "./task/print.ts";

const widths = [10, 8, 20, 9];

function printColumns(cells: readonly string[]): void {
  printLine(
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function lastSegments(guard: string): string {
  return guard.split("/").slice(-2).join("/");
}

function printGrant(grant: GrantMessage, startedAt: number): void {
  const after = spanText(performance.now() - startedAt);
  printColumns([
    grant.kind,
    grant.state,
    grant.task_id,
    after,
    `${evidenceText(grant)}  by ${lastSegments(grant.guard)}  ${grant.ref}`,
  ]);
}

function timesText({
  healthy_ms,
  fence_ms,
  foreign_ms,
  grants,
  stuck,
}: EndSummary): readonly (readonly [string, string])[] {
  const proven = stuck === 0 ? "all" : `${String(grants - stuck)} of ${String(grants)}`;
  return [
    ["healthy", `${spanText(healthy_ms)}  ${proven} proven to be gone`],
    [
      "fence",
      fence_ms === 0 ? "0 ms  no guard is silent" : `${spanText(fence_ms)}  until the last silent guard fences itself`,
    ],
    ["foreign", `${spanText(foreign_ms)}  until the longest-lived SVID ends that others may still take`],
  ];
}

function printSummary(summary: EndSummary): void {
  const { task_ids: ids, quiet, cut } = summary;
  printLine("");
  for (const sentence of cut) printLine(sentence);
  printLine(`${String(ids.length)} ${ids.length === 1 ? "task" : "tasks"}, ${quiet ? "quiet" : "not quiet yet"}`);
  for (const [name, text] of timesText(summary)) printLine(`  ${name.padEnd(8)}  ${text}`);
}

/** How many tasks are asked about. */
const maxAsked = 50;

/** What is not proven to be gone, with what stands in its way. */
async function printOpen(server: ServerConnection, { task_ids: ids }: EndSummary): Promise<void> {
  const open = new Map<string, GrantMessage>();
  for (const id of ids.slice(0, maxAsked)) {
    const { grants } = await server.call("tasks", "GetTask", { id });
    for (const grant of grants) if (grant.state !== "gone") open.set(grant.id, grant);
  }
  printLine("");
  printGrants([...open.values()]);
}

/** The two streams of an end. */
export type Ending = readonly ["EndTask" | "Kill", request: object];

/**
 * Ends something, and prints the grants as they are proven gone, then the three times. JSON: one document a line.
 * @throws {CliFailure} NOT_QUIET when something is not proven to be gone yet
 */
export async function printEnd(
  server: ServerConnection,
  [method, request]: Ending,
  format: OutputFormat,
): Promise<void> {
  const startedAt = performance.now();
  let summary: EndSummary | undefined;
  let isFirst = format === "text";
  for await (const step of server.stream("tasks", method, request)) {
    if (step.grant) {
      // Not before something is known to end: who is refused gets no table.
      if (isFirst) printColumns(["GRANT", "STATE", "TASK", "AFTER", "EVIDENCE"]);
      isFirst = false;
      if (format === "json") printJson({ grant: grantJson(step.grant) });
      else printGrant(step.grant, startedAt);
    }
    if (step.summary) summary = step.summary;
  }
  if (summary === undefined) throw new CliFailure("BAD_ANSWER", "the server ended without a summary");
  if (format === "json") printJson({ summary: { ...summary } });
  else printSummary(summary);
  if (summary.quiet) return;
  if (format === "text") await printOpen(server, summary);
  const { stuck, grants } = summary;
  throw new CliFailure("NOT_QUIET", `${String(stuck)} of ${String(grants)} grants are not proven to be gone yet`, {
    hint: "the server goes on by itself; mayfly task show tells what is left",
  });
}
