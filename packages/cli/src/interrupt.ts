// SPDX-License-Identifier: Apache-2.0
import { CliFailure, exitCode } from "./failure.ts";

const interruptions = ["SIGINT", "SIGTERM"] as const;

/** Aborts at the first SIGINT or SIGTERM, or other signal named; from then on a second one ends the process at once. */
export function interruptSignal(...others: readonly NodeJS.Signals[]): AbortSignal {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(exitCode.interrupted);
    controller.abort(new CliFailure("INTERRUPTED", "interrupted", { exit: exitCode.interrupted }));
  };
  for (const name of [...interruptions, ...others]) process.on(name, onSignal);
  return controller.signal;
}
