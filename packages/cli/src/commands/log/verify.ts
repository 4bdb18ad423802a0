// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { type LogVerdict, verifyLog } from "@mayfly/journal";
import { CliFailure } from "../../failure.ts";
import { contentOf, writeOne } from "../../files.ts";
import { printJson, printLine } from "../../output.ts";
import { duration } from "../../values.ts";
import { invocation, withExample } from "../command.ts";
import { LogDirectory } from "./directory-source.ts";
import { requiredVkey, type VkeyOptions, withVkey } from "./vkey.ts";

interface VerifyOptions extends VkeyOptions {
  readonly trustedCheckpoint?: string;
  readonly outcomeGrace?: number;
  readonly saveCheckpoint?: string;
}

function verdictJson({ size, problems }: LogVerdict): Record<string, unknown> {
  return {
    sound: problems.length === 0,
    size,
    problems: problems.map(({ code, index, message }) => ({ code, index: index ?? null, message })),
  };
}

function printVerdict({ size, problems }: LogVerdict): void {
  if (problems.length === 0) printLine(["sound", "green"], `: all ${String(size)} records are what was signed`);
  for (const { code, index, message } of problems)
    printLine([code, "red"], index === undefined ? `: ${message}` : ` at ${String(index)}: ${message}`);
}

/** `mayfly log verify`: offline, with the key alone. Exit 1 when anything is wrong. */
export function logVerify(): Command {
  const command = withVkey(
    new Command("verify")
      .description("check an exported record with the log's public key and nothing else; needs no server")
      .argument("<dir>", "what log export wrote, or any log of C2SP tlog-tiles"),
  )
    .option("--trusted-checkpoint <file>", "a checkpoint that was kept elsewhere: the record must continue it")
    .option("--save-checkpoint <file>", "write the checkpoint of a sound record there, for the next time")
    .option(
      "--outcome-grace <duration>",
      "how long before the newest record what was allowed may be without its outcome",
      duration,
    );
  const example = "mayfly log verify record/ --vkey-file vkey --trusted-checkpoint last-checkpoint";
  return withExample(command, example).action(async (...parameters: unknown[]) => {
    const { options, format, argument, signal } = invocation<VerifyOptions>(parameters);
    const { trustedCheckpoint: trusted, saveCheckpoint, outcomeGrace } = options;
    const verdict = await verifyLog(await LogDirectory.open(String(argument)), {
      vkey: requiredVkey(options),
      // The line end behind a note is part of it.
      trustedCheckpoint: trusted === undefined ? undefined : `${contentOf(trusted)}\n`,
      outcomeGraceMs: outcomeGrace === undefined ? undefined : outcomeGrace * 1000,
      signal,
    });
    if (format === "json") printJson(verdictJson(verdict));
    else printVerdict(verdict);
    if (verdict.problems.length > 0)
      throw new CliFailure("LOG_NOT_SOUND", verdict.problems[0]?.message ?? "the record is not sound");
    if (saveCheckpoint !== undefined && verdict.checkpoint !== undefined)
      writeOne(saveCheckpoint, verdict.checkpoint, "public");
  });
}
