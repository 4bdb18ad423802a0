// SPDX-License-Identifier: Apache-2.0

/**
 * Aborts `controller` when one of the signals is, now or later, until the function returned is called. AbortSignal.any would leave its traces
 * on a signal that outlives many streams.
 */
export function forwardAbort(controller: AbortController, signals: readonly (AbortSignal | undefined)[]): () => void {
  const forwarded = signals.flatMap((signal) => (signal === undefined ? [] : [watchOne(controller, signal)]));
  return () => {
    for (const stop of forwarded) stop();
  };
}

function watchOne(controller: AbortController, signal: AbortSignal): () => void {
  const abort = (): void => controller.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  return () => signal.removeEventListener("abort", abort);
}
