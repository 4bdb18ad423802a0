// SPDX-License-Identifier: Apache-2.0
import type { WorkloadApiError } from "../errors.ts";
import type { WatchOptions } from "../workload-api/watch.ts";
import type { LiveValue } from "./live-value.ts";

/** What feeds a LiveValue from the Workload API. */
export interface Followed<T> {
  /** Begins the watch. */
  watch(options: WatchOptions): AsyncIterable<T>;
  /** What is kept of an update, seen beside what was there before. Default: the update. */
  readonly keep?: ((previous: T | undefined, next: T) => T) | undefined;
  readonly onError?: ((error: WorkloadApiError) => void) | undefined;
  readonly firstMessageTimeoutMs?: number | undefined;
}

/** Brings each update of a watch into a LiveValue until it is disposed of; that ends the value's readers too. Never rejects. */
export function follow<T>(live: LiveValue<T>, followed: Followed<T>): AsyncDisposable {
  const abort = new AbortController();
  const running = run(live, followed, abort.signal);
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      abort.abort();
      live.close();
      await running;
    },
  };
}

async function run<T>(live: LiveValue<T>, followed: Followed<T>, signal: AbortSignal): Promise<void> {
  const { keep, firstMessageTimeoutMs } = followed;
  const onError = (error: WorkloadApiError): void => {
    // A message that can't be used leaves the stream open.
    live.report(error, { lost: error.code !== "BAD_RESPONSE" });
    followed.onError?.(error);
  };
  try {
    const updates = followed.watch({ signal, waitForIdentity: true, onError, firstMessageTimeoutMs });
    for await (const value of updates) live.publish(keep === undefined ? value : keep(live.last, value));
  } catch (error) {
    if (!signal.aborted) live.fail(error instanceof Error ? error : new Error(String(error)));
  }
}
