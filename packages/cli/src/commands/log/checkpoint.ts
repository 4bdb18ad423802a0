// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { verifyCheckpoint, NoteKey } from "@mayfly/journal";
import { usageFailure } from "../../failure.ts";
import { printJson, printRaw, printRecord } from "../../output.ts";
import { operatorCommand } from "../operator-command.ts";

interface CheckpointOptions {
  readonly vkey?: boolean;
  readonly note?: boolean;
}

/** `mayfly log checkpoint`: what the server commits itself to, and the key by which anybody can hold it to that. */
export function logCheckpoint(): Command {
  const command = new Command("checkpoint")
    .description("print the newest signed checkpoint and the log's public key")
    .option("--vkey", "print the log's public key and nothing else: keep it away from the server")
    .option("--note", "print the signed checkpoint and nothing else: keep it for log verify --trusted-checkpoint");
  const example = "mayfly log checkpoint --vkey";
  return operatorCommand<CheckpointOptions>(command, example, async (server, { options, format }) => {
    if (options.vkey === true && options.note === true) throw usageFailure("--vkey excludes --note");
    const { checkpoint, vkey } = await server.call("records", "GetCheckpoint", {});
    // What is not signed by the key beside it is not shown as if it were.
    const { origin, size, root } = verifyCheckpoint(checkpoint, [NoteKey.parse(vkey)]);
    const hash = Buffer.from(root).toString("base64");
    if (format === "json") return printJson({ origin, size, root: hash, checkpoint, vkey });
    if (options.vkey === true) return printRaw(vkey);
    if (options.note === true) return printRaw(checkpoint);
    printRecord([
      ["Origin", origin],
      ["Records", String(size)],
      ["Root", hash],
      ["Key", vkey],
    ]);
  });
}
