// SPDX-License-Identifier: Apache-2.0
import { Command, Option } from "commander";
import { printEnd } from "../end-progress.ts";
import { operatorCommand } from "../operator-command.ts";

interface EndOptions {
  readonly as: string;
  readonly reason?: string;
}

/** `mayfly task end`: with all below it; prints each grant as it is proven gone, and the three times. Exit 1 while something resists. */
export function taskEnd(): Command {
  const command = new Command("end")
    .description("end a task and all below it, and show how each thing that they held went away")
    .argument("<task-id>", "id of the task")
    .addOption(
      new Option("--as <reason>", "how it ends")
        .choices(["completed", "cancelled", "revoked", "failed"])
        .default("completed"),
    )
    .option("--reason <text>", "why, for the record");
  const example = "mayfly task end t-qx3mzv5k2j7ahwbn";
  return operatorCommand<EndOptions>(command, example, async (server, { options, format, argument }) => {
    const request = { id: String(argument), reason: options.as, why: options.reason ?? "" };
    await printEnd(server, ["EndTask", request], format);
  });
}
