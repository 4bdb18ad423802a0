// SPDX-License-Identifier: Apache-2.0
import { Command, InvalidArgumentError, Option } from "commander";
import { recordKinds } from "@mayfly/journal";
import { printJson, printLine } from "../../output.ts";
import { operatorCommand } from "../operator-command.ts";
import { recordLine } from "./record-text.ts";
import { exportRecords } from "./records.ts";

interface ShowOptions {
  readonly task?: string;
  readonly kind?: string;
  readonly from?: number;
  readonly to?: number;
}

/** An index in the record. */
export function recordIndex(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError(`${JSON.stringify(text)} is not an index`);
  return Number(text);
}

/** `mayfly log show`: records in order; JSON: one a line. */
export function logShow(): Command {
  const command = new Command("show")
    .description("print the record, oldest first; JSON: one record a line")
    .option("--task <task-id>", "of this task")
    .addOption(new Option("--kind <kind>", "of this kind").choices(recordKinds))
    .option("--from <index>", "from this record on", recordIndex)
    .option("--to <index>", "up to this record, which is left out", recordIndex);
  const example = "mayfly log show --task t-qx3mzv5k2j7ahwbn";
  return operatorCommand<ShowOptions>(command, example, async (server, { options, format }) => {
    for await (const { index, record } of exportRecords(server, options)) {
      if (options.kind !== undefined && record.kind !== options.kind) continue;
      if (format === "json") printJson({ index, ...record });
      else printLine(recordLine(index, record));
    }
  });
}
