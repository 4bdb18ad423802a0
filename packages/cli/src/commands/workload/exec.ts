// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { Command } from "commander";
import type { WorkloadApiClient, X509Context } from "@mayfly/spiffe-client";
import { foreignEnvironment } from "../../compile-cache.ts";
import { CliFailure, reportWarning, usageFailure } from "../../failure.ts";
import { writeFiles } from "../../files.ts";
import { workloadCommand } from "../command.ts";
import { svidFiles } from "./svid-files.ts";

interface ExecOptions {
  readonly write: string;
  readonly signal: string;
}

function ended(child: ChildProcess, program: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", (cause: NodeJS.ErrnoException) =>
      reject(new CliFailure("NOT_STARTED", `cannot start ${JSON.stringify(program)}: ${cause.code ?? ""}`, { cause })),
    );
    child.once("exit", (code, signal) => resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]));
  });
}

/** Replaces the files. While the command runs a failure is told, no more: what it has is still valid. */
function refresh(context: X509Context, directory: string, running: boolean): boolean {
  try {
    writeFiles(directory, svidFiles(context));
    return true;
  } catch (error) {
    if (!running || !(error instanceof CliFailure)) throw error;
    reportWarning(error);
    return false;
  }
}

/** Writes the files at each update; starts the command at the first, signals it at the others. Gives its exit code. */
async function keepFresh(
  client: WorkloadApiClient,
  command: readonly [program: string, ...args: string[]],
  options: ExecOptions,
  interrupted: AbortSignal,
): Promise<number> {
  const [program, ...args] = command;
  const over = new AbortController();
  const signal = AbortSignal.any([interrupted, over.signal]);
  let child: ChildProcess | undefined;
  let result: Promise<number> | undefined;
  // Whoever supervises this process means the command with it, and must not end this one alone.
  process.on("SIGHUP", () => void child?.kill("SIGHUP"));
  interrupted.addEventListener("abort", () => void child?.kill("SIGTERM"), { once: true });
  try {
    for await (const context of client.watchX509Context({ signal, onError: reportWarning })) {
      // A withdrawn identity leaves the files as they are, until they expire.
      if (context.svids.length === 0 || !refresh(context, options.write, child !== undefined)) continue;
      if (child !== undefined) {
        child.kill(options.signal as NodeJS.Signals);
        continue;
      }
      child = spawn(program, args, { stdio: "inherit", env: foreignEnvironment() });
      result = ended(child, program).finally(() => over.abort());
      // Awaited below; a command that never started must not end the process before that.
      result.catch(() => undefined);
    }
  } catch (error) {
    if (result === undefined || !signal.aborted) {
      child?.kill("SIGTERM");
      throw error;
    }
  }
  if (result === undefined) throw new CliFailure("NO_IDENTITY", "the stream ended before the first SVID");
  return await result;
}

/** `mayfly workload exec`: keeps the files fresh, runs the command, signals it on each renewal; ends with its exit code. */
export function workloadExec(): Command {
  const command = new Command("exec")
    .description("keep SVID files fresh for a command that reads files; ends with its exit code")
    .requiredOption("--write <dir>", "where svid.N.pem, svid.N.key and bundle.N.pem go")
    .option("--signal <name>", "sent to the command after each renewal", "SIGHUP")
    .argument("<command...>", "the command, after --");
  const example = "mayfly workload exec --write /run/nginx --signal SIGHUP -- nginx -g 'daemon off;'";
  return workloadCommand<ExecOptions>(command, example, async (client, { options, argument, signal }) => {
    if (!(options.signal in constants.signals)) throw usageFailure(`no signal ${JSON.stringify(options.signal)}`);
    const [program, ...args] = argument as readonly string[];
    if (program === undefined) throw usageFailure("which command?");
    process.exitCode = await keepFresh(client, [program, ...args], options, signal);
  });
}
