// SPDX-License-Identifier: Apache-2.0
import { CliFailure, exitCode } from "../failure.ts";

/** A process that runs until it is told to stop. */
export interface RunningProcess {
  /** Rejects when a part fails for good. */
  readonly failed: Promise<never>;
  /** Ends it cleanly. */
  stop(): Promise<void>;
}

/** Ending takes less than 5 s; whatever hangs longer is cut. */
const stopTimeoutMs = 4_500;

function firstStopSignal(onReload: () => void): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.on("SIGHUP", onReload);
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => resolve(signal));
  });
}

/** The failure of a process that could not start or go on; keeps the code of a coded error. */
export function processFailure(error: unknown): CliFailure {
  if (error instanceof CliFailure) return error;
  if (!(error instanceof Error)) return new CliFailure("INTERNAL", String(error), { cause: error });
  const code = "code" in error && typeof error.code === "string" ? error.code : "INTERNAL";
  const hint = code === "EADDRINUSE" ? "another process listens there; --bind takes another address" : "";
  return new CliFailure(code, error.message, { hint, cause: error });
}

/**
 * Runs a process until SIGINT or SIGTERM and ends it cleanly in under 5 s; SIGHUP calls `reload`. Signals count from the
 * call on, so one that comes while `start` works is not lost. @throws {CliFailure} what it failed with
 */
export async function runUntilStopped<P extends RunningProcess>(
  start: () => Promise<P>,
  reload: (running: P) => void,
): Promise<void> {
  let running: P | undefined;
  const stopped = firstStopSignal(() => {
    if (running !== undefined) reload(running);
  });
  const starting = start();
  // A start that is overtaken by a signal may fail later without anybody waiting for it.
  starting.catch(() => undefined);
  try {
    running = (await Promise.race([starting, stopped.then(() => undefined)])) ?? undefined;
    if (running !== undefined) await Promise.race([stopped, running.failed]);
  } catch (error) {
    throw processFailure(error);
  } finally {
    const cut = setTimeout(() => process.exit(exitCode.refused), stopTimeoutMs);
    running ??= await starting.catch(() => undefined);
    await running?.stop();
    clearTimeout(cut);
  }
}
