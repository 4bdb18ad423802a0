// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { type VerifiedReceipt, verifyReceipt } from "@mayfly/journal";
import { withConnection } from "../../connect.ts";
import { usageFailure } from "../../failure.ts";
import { contentOf, writeOne } from "../../files.ts";
import { type OutputFormat, printJson, printLine, printRaw } from "../../output.ts";
import { invocation, withExample } from "../command.ts";
import { openChosen, type ServerChoice, withServerChoice } from "../operator-command.ts";
import { recordLine } from "./record-text.ts";
import { recordIndex } from "./show.ts";
import { givenVkey, requiredVkey, type VkeyOptions, withVkey } from "./vkey.ts";

interface ProveOptions extends VkeyOptions, ServerChoice {
  readonly index?: number;
  readonly check?: string;
  readonly write?: string;
}

function provenJson({ record, index, checkpoint }: VerifiedReceipt): Record<string, unknown> {
  return { proven: true, index, size: checkpoint.size, origin: checkpoint.origin, record };
}

function printProven(verified: VerifiedReceipt, format: OutputFormat): void {
  if (format === "json") return printJson(provenJson(verified));
  const { record, index, checkpoint } = verified;
  printLine(["proven", "green"], `: record ${String(index)} of ${String(checkpoint.size)} of ${checkpoint.origin}`);
  printLine(recordLine(index, record));
}

/** Offline: a receipt from a file, and the key. @throws {JournalError} what is wrong with it */
function check(
  file: string,
  { options, format }: { readonly options: ProveOptions; readonly format: OutputFormat },
): void {
  // The line end behind the receipt's note is part of it.
  printProven(verifyReceipt(`${contentOf(file)}\n`, requiredVkey(options)), format);
}

async function prove(id: string | undefined, options: ProveOptions, signal: AbortSignal): Promise<string> {
  const { index } = options;
  return await withConnection(openChosen(options, signal), async (server) => {
    const request = { index: String(index ?? 0), record_id: id ?? "" };
    const { receipt } = await server.call("records", "ProveRecord", request);
    const vkey = givenVkey(options) ?? (await server.call("records", "GetCheckpoint", {})).vkey;
    // A receipt that does not hold is not handed out.
    verifyReceipt(receipt, vkey);
    return receipt;
  });
}

/** `mayfly log prove`: a receipt of one record; with `--check`, offline, what a receipt proves. */
export function logProve(): Command {
  const command = withVkey(
    new Command("prove")
      .description("print a record's receipt, which anybody can check with the log's public key; or check one")
      .argument("[record-id]", "id of the record, such as that of a call or of a decision")
      .option("--index <index>", "the record by its index", recordIndex)
      .option("--write <file>", "write the receipt there")
      .option("--check <file>", "check this receipt with --vkey and print what it proves; needs no server"),
  );
  const example = "mayfly log prove --check call.tlog-proof --vkey-file vkey";
  return withExample(withServerChoice(command), example).action(async (...parameters: unknown[]) => {
    const { options, format, argument, signal } = invocation<ProveOptions>(parameters);
    const id = typeof argument === "string" ? argument : undefined;
    const named = [id, options.index, options.check].filter((each) => each !== undefined).length;
    if (named !== 1) throw usageFailure("which record? give its id, or --index, or a receipt with --check");
    if (options.check !== undefined) return check(options.check, { options, format });
    const receipt = await prove(id, options, signal);
    if (options.write !== undefined) writeOne(options.write, receipt, "public");
    if (format === "json") return printJson(options.write === undefined ? { receipt } : { written: options.write });
    if (options.write === undefined) printRaw(receipt);
    else printLine(`wrote ${options.write}`);
  });
}
