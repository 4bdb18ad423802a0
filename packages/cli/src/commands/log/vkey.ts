// SPDX-License-Identifier: Apache-2.0
import { type Command, InvalidArgumentError } from "commander";
import { NoteKey } from "@mayfly/journal";
import { usageFailure } from "../../failure.ts";
import { contentOf } from "../../files.ts";

/** How the log's key is named. It is public, and never taken from what is to be verified. */
export interface VkeyOptions {
  readonly vkey?: string;
  readonly vkeyFile?: string;
}

function vkeyText(text: string): string {
  try {
    return NoteKey.parse(text).toString();
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : "malformed");
  }
}

/** Adds `--vkey` and `--vkey-file`. */
export function withVkey(command: Command): Command {
  return command
    .option("--vkey <key>", "the log's public key, name+id+key", vkeyText)
    .option("--vkey-file <file>", "file with the log's public key");
}

/** The key that was given, if one was. @throws {CliFailure} USAGE @throws {JournalError} KEY_MALFORMED */
export function givenVkey({ vkey, vkeyFile }: VkeyOptions): string | undefined {
  if (vkey !== undefined && vkeyFile !== undefined) throw usageFailure("--vkey excludes --vkey-file");
  return vkeyFile === undefined ? vkey : NoteKey.parse(contentOf(vkeyFile).trim()).toString();
}

/** The key, which must be given. @throws {CliFailure} USAGE @throws {JournalError} KEY_MALFORMED */
export function requiredVkey(options: VkeyOptions): string {
  const vkey = givenVkey(options);
  if (vkey === undefined)
    throw usageFailure(
      "by which key? give --vkey or --vkey-file",
      "mayfly log checkpoint --vkey prints that of a server: keep it elsewhere",
    );
  return vkey;
}
