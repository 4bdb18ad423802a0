// SPDX-License-Identifier: Apache-2.0
import type { StartTaskResponse } from "@mayfly/rpc";
import { CliFailure } from "../../failure.ts";
import { writeOne } from "../../files.ts";
import { instantJson, instantText } from "../../instants.ts";
import { type OutputFormat, printJson, printLine } from "../../output.ts";
import { printTask, taskJson } from "./print.ts";

/** Prints a new task. Its ticket goes to the file where one is named, else it is part of what is printed. */
export function printStarted(
  { task, ticket, ticket_expires_at_ms: ends }: StartTaskResponse,
  { ticketFile, format }: { readonly ticketFile: string | undefined; readonly format: OutputFormat },
): void {
  if (task === null) throw new CliFailure("BAD_ANSWER", "the server answered without a task");
  if (ticketFile !== undefined) writeOne(ticketFile, `${ticket}\n`, "secret");
  if (format === "json") {
    const secret = ticketFile === undefined ? { ticket } : { ticket_file: ticketFile };
    return printJson({ task: taskJson(task), ...secret, ticket_expires_at: instantJson(ends) });
  }
  printTask(task, [
    ["Ticket", ticketFile === undefined ? ticket : `in ${ticketFile}`],
    ["Use it", `once, ${instantText(ends)}`],
  ]);
  printLine("");
  printLine(`mayfly task exec --ticket-file ${ticketFile ?? "FILE"} -- ./agent`);
}
