// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { Command } from "commander";
import { workloadCommand } from "../../connect.ts";
import { usageFailure } from "../../failure.ts";
import { writeFiles } from "../../files.ts";
import { svidFiles } from "./svid-files.ts";

interface ExecOptions {
  readonly write: string;
  readonly signal: string;
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]));
  });
}

/** `mayfly workload exec`: keeps the files fresh, runs the command, signals it on each renewal; ends with its exit code. */
export function workloadExec(): Command {
  const command = new Command("exec")
    .description("keep SVID files fresh for a command that reads files")
    .requiredOption("--write <dir>", "where svid.N.pem, svid.N.key and bundle.N.pem go")
    .option("--signal <name>", "sent to the command after each renewal", "SIGHUP")
    .argument("<command...>", "the command, after --");
  const example = "mayfly workload exec --write /run/nginx --signal SIGHUP -- nginx -g 'daemon off;'";
  return workloadCommand<ExecOptions>(command, example, async (client, options, _format, signal, words) => {
    if (!(options.signal in constants.signals)) throw usageFailure(`no signal ${JSON.stringify(options.signal)}`);
    const [program, ...args] = words as string[];
    if (program === undefined) throw usageFailure("which command?");
    const stop = new AbortController();
    let child: ChildProcess | undefined;
    let result: Promise<number> | undefined;
    try {
      for await (const context of client.watchX509Context({ signal: AbortSignal.any([signal, stop.signal]) })) {
        writeFiles(options.write, svidFiles(context));
        if (child !== undefined) {
          child.kill(options.signal as NodeJS.Signals);
          continue;
        }
        child = spawn(program, args, { stdio: "inherit" });
        result = ended(child).finally(() => stop.abort());
      }
    } catch (error) {
      if (!stop.signal.aborted) {
        child?.kill("SIGTERM");
        throw error;
      }
    }
    if (signal.aborted) child?.kill("SIGTERM");
    process.exitCode = (await result) ?? 1;
  });
}
