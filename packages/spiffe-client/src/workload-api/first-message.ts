// SPDX-License-Identifier: Apache-2.0
import { WorkloadApiError } from "../errors.ts";
import { forwardAbort } from "./forward-abort.ts";

/** How long a stream may take to say something, and what else ends it. */
export interface StreamEnd {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** A stream that is given up when its first message does not come in time (Workload API §4: it is sent as soon as possible). @throws {WorkloadApiError} UNAVAILABLE */
export async function* withFirstMessage<Message>(
  open: (signal: AbortSignal) => AsyncIterable<Message>,
  { timeoutMs, signal }: StreamEnd,
): AsyncGenerator<Message, void, undefined> {
  const end = new AbortController();
  const release = forwardAbort(end, [signal]);
  const timer = setTimeout(() => {
    end.abort(new WorkloadApiError("UNAVAILABLE", `the endpoint said nothing for ${timeoutMs} ms`));
  }, timeoutMs);
  try {
    for await (const message of open(end.signal)) {
      clearTimeout(timer);
      yield message;
    }
  } finally {
    clearTimeout(timer);
    release();
  }
}
