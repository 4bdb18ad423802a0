// SPDX-License-Identifier: Apache-2.0
import { WorkloadApiError } from "../errors.ts";
import { Backoff } from "./backoff.ts";
import { mayRepeat, toWorkloadApiError } from "./call-error.ts";
import { withFirstMessage } from "./first-message.ts";

const defaultFirstMessageTimeoutMs = 60_000;

/** How a watch behaves. */
export interface WatchOptions {
  /** Ends the watch: the loop rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * true: waits for the endpoint and for an identity as long as it takes. false (default): what goes wrong before the first update is
   * thrown. After the first update the watch goes on by itself in both.
   */
  readonly waitForIdentity?: boolean | undefined;
  /** How long an endpoint may be silent on a new stream before that counts as lost. Default 60,000. */
  readonly firstMessageTimeoutMs?: number | undefined;
  /** Told of what the watch overcomes by itself: lost streams, refusals, messages and foreign bundles that can't be used. */
  readonly onError?: ((error: WorkloadApiError) => void) | undefined;
}

/** One kind of stream of the Workload API. */
export interface Watched<Message, Value> {
  /** Opens the stream; the signal ends it. */
  open(signal: AbortSignal): AsyncIterable<Message>;
  /** Reads a message; `onIgnored` is told of what is left out of it. @throws {WorkloadApiError} BAD_RESPONSE */
  read(message: Message, onIgnored: (error: WorkloadApiError) => void): Value;
  /** What a caller holds who is refused after all. */
  readonly none: Value;
}

/**
 * Snapshots of a stream for as long as the consumer wants, over as many streams as it takes (Workload API §4): a lost stream is opened
 * again at once, then with growing waits; a message that can't be used is reported and dropped; a refusal after an update is an
 * update to nothing, once.
 */
export async function* watch<Message, Value>(
  watched: Watched<Message, Value>,
  options: WatchOptions,
): AsyncGenerator<Value, never, undefined> {
  const { signal, onError, firstMessageTimeoutMs: timeoutMs = defaultFirstMessageTimeoutMs } = options;
  const backoff = new Backoff();
  let patient = options.waitForIdentity === true;
  let holding = false;
  for (;;) {
    signal?.throwIfAborted();
    try {
      for await (const message of withFirstMessage((end) => watched.open(end), { timeoutMs, signal })) {
        const value = readOrReport(watched, message, { onError: onError ?? ignore, patient });
        if (value === undefined) continue;
        backoff.reset();
        patient = true;
        holding = true;
        yield value.value;
      }
      throw new WorkloadApiError("UNAVAILABLE", "the endpoint ended the stream");
    } catch (error) {
      signal?.throwIfAborted();
      const failure = toWorkloadApiError(error);
      if (!patient || !mayRepeat(failure)) throw failure;
      onError?.(failure);
      if (failure.code === "DENIED" && holding) {
        holding = false;
        yield watched.none;
      }
    }
    await backoff.wait(signal);
  }
}

function ignore(): void {
  // Nobody asked to be told.
}

/** Undefined for a message that can't be used, which `onError` is told of; without patience that is thrown. */
function readOrReport<Message, Value>(
  watched: Watched<Message, Value>,
  message: Message,
  { onError, patient }: { readonly onError: (error: WorkloadApiError) => void; readonly patient: boolean },
): { readonly value: Value } | undefined {
  try {
    return { value: watched.read(message, onError) };
  } catch (error) {
    if (!patient || !(error instanceof WorkloadApiError)) throw error;
    onError(error);
    return undefined;
  }
}
