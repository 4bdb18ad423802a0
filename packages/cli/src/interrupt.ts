// SPDX-License-Identifier: Apache-2.0
import { CliFailure, exitCode } from "./failure.ts";

/** Aborts at the first SIGINT or SIGTERM; from then on a second one ends the process at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(exitCode.interrupted);
    controller.abort(new CliFailure("INTERRUPTED", "interrupted", { exit: exitCode.interrupted }));
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  return controller.signal;
}
