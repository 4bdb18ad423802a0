// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { printJson, printLine } from "../../output.ts";
import { operatorCommand } from "../operator-command.ts";
import { exportLog } from "./export-log.ts";

/** `mayfly log export`: the whole record as static files. */
export function logExport(): Command {
  const command = new Command("export")
    .description("write the whole record as files that anybody can verify (C2SP tlog-tiles)")
    .argument("<dir>", "where to; files of an earlier export are replaced");
  return operatorCommand(command, "mayfly log export record/", async (server, { format, argument }) => {
    const directory = String(argument);
    const { size, vkey } = await exportLog(server, directory);
    if (format === "json") return printJson({ directory, size, vkey });
    printLine(`${String(size)} records in ${directory}`);
    printLine(`the server says that its key is ${vkey}`);
    printLine("verify them with the key that you were given elsewhere: mayfly log verify");
  });
}
