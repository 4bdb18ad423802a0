#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { enableCompileCache } from "node:module";
import { CommanderError } from "commander";
import { CliFailure, exitCode, reportFailure } from "./failure.ts";

enableCompileCache();

const { createProgram } = await import("./program.ts");
const json = process.argv.some(
  (word, index) => word === "--output=json" || (word === "json" && process.argv[index - 1] === "--output"),
);

// A reader that went away (`mayfly entry list | head`) is not an error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(exitCode.done);
});

try {
  await createProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCode.done : exitCode.usage;
    if (process.exitCode === exitCode.usage && json) {
      reportFailure(new CliFailure("USAGE", error.message.replace(/^error: /, "")), true);
    }
  } else if (error instanceof CliFailure) {
    process.exitCode = reportFailure(error, json);
  } else {
    const message = error instanceof Error ? error.message : String(error);
    process.exitCode = reportFailure(new CliFailure("INTERNAL", message, { cause: error }), json);
    if (process.env["MAYFLY_DEBUG"] !== undefined)
      process.stderr.write(`${error instanceof Error ? error.stack : ""}\n`);
  }
}
