// SPDX-License-Identifier: Apache-2.0
import type { ClientDuplexStream, ClientReadableStream } from "@grpc/grpc-js";
import type { StatusError } from "../status/status-error.ts";

/** What ends a call early, and how its error looks. */
export interface CallEnd {
  readonly signal: AbortSignal | undefined;
  toError(error: unknown): StatusError;
}

/** The responses of a call, read as they are asked for; leaving the loop cancels the call. */
export async function* readResponses<Response>(
  call: ClientReadableStream<Response> | ClientDuplexStream<never, Response>,
  end: CallEnd,
  sending?: RequestSender,
): AsyncGenerator<Response, void, undefined> {
  try {
    for await (const message of call) yield message as Response;
  } catch (error) {
    end.signal?.throwIfAborted();
    throw sending?.failure ?? end.toError(error);
  } finally {
    // A call that is over takes no harm; its late errors are nobody's.
    call.on("error", () => undefined);
    call.cancel();
  }
}

/** The sending half of a call with a stream of requests. */
export interface RequestSender {
  /** What the requests threw; it ends the call and is what the loop over the responses throws. */
  readonly failure: unknown;
  /** Asks for no more requests. */
  stop(): void;
}

/** Sends requests as fast as the connection takes them, then closes that half of the call. */
export function sendRequests<Request, Response>(
  call: ClientDuplexStream<Request, Response>,
  requests: AsyncIterable<Request>,
): RequestSender {
  const iterator = requests[Symbol.asyncIterator]();
  const sender = {
    failure: undefined as unknown,
    stopped: false,
    stop(): void {
      if (sender.stopped) return;
      sender.stopped = true;
      iterator.return?.().catch(() => undefined);
    },
  };
  const fail = (error: unknown): void => {
    if (sender.stopped) return;
    sender.failure = error;
    sender.stopped = true;
    call.cancel();
  };
  const pump = (): void => {
    iterator.next().then((next) => {
      if (sender.stopped) return;
      if (next.done === true) {
        sender.stopped = true;
        call.end();
      } else if (call.write(next.value)) {
        pump();
      } else {
        call.once("drain", pump);
      }
    }, fail);
  };
  pump();
  return sender;
}
