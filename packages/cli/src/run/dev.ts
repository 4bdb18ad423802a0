// SPDX-License-Identifier: Apache-2.0
import { Command, Option } from "commander";
import { outputOf, withExample } from "../commands/command.ts";
import { interruptSignal } from "../interrupt.ts";
import { Progress } from "../progress.ts";

interface DevOptions {
  readonly dir?: string;
  readonly once?: boolean;
  readonly logLevel: string;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

async function dev(options: DevOptions, command: Command): Promise<void> {
  // The terminal may be closed with it: nothing is left behind then, either.
  const signal = interruptSignal("SIGHUP");
  const [{ DevDirectory }, { devReporter }, { runTour }] = await Promise.all([
    import("./dev/directory.ts"),
    import("./dev/report.ts"),
    import("./dev/tour.ts"),
  ]);
  using progress = new Progress();
  const report = devReporter(outputOf(command), progress);
  const stays = options.once !== true;
  using directory = DevDirectory.open(options.dir);
  await using tour = await runTour({ directory, logLevel: options.logLevel, report, signal });
  report.show({ event: "done", stays, milliseconds: Math.round(performance.now()) });
  if (!stays) return;
  // Being interrupted is how this ends: no failure.
  const { system } = tour;
  await Promise.race([aborted(signal), system.server.failed, system.agent.failed]);
}

/** `mayfly dev`: the embedded default, and the first minute. */
export function devCommand(): Command {
  const command = new Command("dev")
    .description(
      "server and agent in one process: an identity, mTLS and a rotation, shown; then stays until interrupted",
    )
    .option("--dir <dir>", "where everything lives, instead of a temporary directory that is removed at the end")
    .option("--once", "end after the tour")
    .addOption(
      new Option("--log-level <level>", "what server and agent log, on stderr")
        .choices(["debug", "info", "warn", "error"])
        .default("error"),
    );
  return withExample(command, "mayfly dev --once").action(dev);
}
