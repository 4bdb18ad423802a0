// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { SourceError } from "../../errors.ts";
import type { LiveTarget } from "../live-value.ts";
import { type FileContents, readFiles, sameContents } from "./read-files.ts";

/** How files are looked at. */
export interface FileWatchOptions {
  /** How often they are read again, milliseconds. Default 1,000. */
  readonly pollMs?: number | undefined;
  /** Gives up opening; has no meaning afterwards. */
  readonly signal?: AbortSignal | undefined;
  /** Told of files that can't be used while what was there before stays in force; once for each state of them. */
  readonly onError?: ((error: SourceError) => void) | undefined;
}

/** Files that make up one value. */
export interface FollowedFiles<T> extends FileWatchOptions {
  readonly paths: readonly string[];
  /** @throws {SourceError} FILE_INVALID */
  parse(contents: FileContents): T;
  readonly keep?: ((previous: T | undefined, next: T) => T) | undefined;
}

/** What is new must look the same after this time: a file that is being written is not half taken. */
const settleMs = 50;

/**
 * Brings what files say into a value, again when they change, until it is disposed of. They are read, not watched: replacing by rename,
 * swapped symbolic links and network file systems all look the same that way.
 * @throws {SourceError} when they can't be used now; the signal's reason
 */
export async function followFiles<T>(live: LiveTarget<T>, files: FollowedFiles<T>): Promise<AsyncDisposable> {
  files.signal?.throwIfAborted();
  const contents = await readFiles(files.paths);
  files.signal?.throwIfAborted();
  live.publish(files.parse(contents));
  const abort = new AbortController();
  const running = poll(live, files, { contents, signal: abort.signal });
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      abort.abort();
      live.close();
      await running;
    },
  };
}

interface Polling {
  readonly contents: FileContents;
  readonly signal: AbortSignal;
}

async function poll<T>(live: LiveTarget<T>, files: FollowedFiles<T>, { contents, signal }: Polling): Promise<void> {
  const { pollMs = 1000, onError } = files;
  let held = contents;
  let reported: string | undefined;
  try {
    while (await pause(pollMs, signal)) {
      try {
        held = await look(live, files, { contents: held, signal });
        reported = undefined;
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        live.report(error, { lost: true });
        if (error.message !== reported) onError?.(error);
        reported = error.message;
      }
    }
  } catch (error) {
    live.fail(error instanceof Error ? error : new Error(String(error)));
  }
}

/** Takes what is new, when it fits together and is not being written. Gives the contents in force. */
async function look<T>(
  live: LiveTarget<T>,
  files: FollowedFiles<T>,
  { contents, signal }: Polling,
): Promise<FileContents> {
  const { paths, keep } = files;
  const seen = await readFiles(paths);
  if (sameContents(seen, contents)) {
    live.recover();
    return contents;
  }
  const value = files.parse(seen);
  if (!(await pause(settleMs, signal)) || !sameContents(await readFiles(paths), seen)) return contents;
  live.publish(keep === undefined ? value : keep(live.last, value));
  return seen;
}

/** Waits without keeping the process running; false = it is over. */
async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  await sleep(ms, undefined, { ref: false, signal }).catch(() => undefined);
  return !signal.aborted;
}
