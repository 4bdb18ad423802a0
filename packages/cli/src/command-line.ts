// SPDX-License-Identifier: Apache-2.0
import { type Command, CommanderError } from "commander";
import { exitCode, reportFailure, toFailure } from "./failure.ts";
import { createProgram } from "./program.ts";
import { UsageProblems } from "./usage-problems.ts";

/** Whether the words ask for JSON; known before they are parsed, because wrong usage is reported in this form, too. */
function asksForJson(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  const own = end === -1 ? words : words.slice(0, end);
  return own.some((word, index) => word === "--output=json" || (word === "json" && own[index - 1] === "--output"));
}

/** The command that the words name, as deep as they go: whose help is of use. */
function namedCommand(program: Command, words: readonly string[]): Command {
  let command = program;
  for (const word of words) {
    const child = command.commands.find((each) => each.name() === word);
    if (child !== undefined) command = child;
  }
  return command;
}

/** Parses and runs one command; sets the exit code, and writes why it failed to stderr. */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  const words = argv.slice(2);
  const json = asksForJson(words);
  // A reader that went away (`mayfly entry list | head`) is not an error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exitCode.done);
  });
  const problems = new UsageProblems();
  const program = await createProgram(problems, words);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return;
      process.exitCode = exitCode.usage;
      // A noun without a verb got its help already.
      if (error.code === "commander.help" && !json) return;
      const command = namedCommand(program, words);
      const failure =
        error.code === "commander.help" ? problems.failure(command, ["which verb?"]) : problems.stopped(command, error);
      reportFailure(failure, json);
      return;
    }
    const failure = toFailure(error);
    process.exitCode = failure.exit;
    if (failure.exit !== exitCode.interrupted) reportFailure(failure, json);
    if (process.env["MAYFLY_DEBUG"] !== undefined && error instanceof Error)
      process.stderr.write(`${error.stack ?? ""}\n`);
  }
}
