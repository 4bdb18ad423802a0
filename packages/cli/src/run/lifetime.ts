// SPDX-License-Identifier: Apache-2.0
import { flushCompileCache } from "node:module";
import { exitCode, toFailure } from "../failure.ts";

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

/** What was compiled by then is kept even if the process is killed; before, it would delay the first callers. */
const keepCompiledMs = 3_000;

const hints = { LISTENER_FAILED: "--bind takes another address" };

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
    if (running === undefined) return;
    setTimeout(flushCompileCache, keepCompiledMs).unref();
    await Promise.race([stopped, running.failed]);
  } catch (error) {
    throw toFailure(error, hints);
  } finally {
    const cut = setTimeout(() => process.exit(exitCode.refused), stopTimeoutMs);
    running ??= await starting.catch(() => undefined);
    await running?.stop();
    clearTimeout(cut);
  }
}
