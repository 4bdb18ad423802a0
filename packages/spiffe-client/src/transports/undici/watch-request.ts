// SPDX-License-Identifier: Apache-2.0
import type { Dispatcher } from "undici";

/** Told when a request is put on a connection, and when nothing more can come of it. */
export interface RequestWatcher {
  began(): void;
  ended(): void;
}

type Handler = Dispatcher.DispatchHandler;
type Values<K extends keyof Handler> = Parameters<NonNullable<Handler[K]>>;

/** The handler with a watcher in front of it. */
export function watchRequest(handler: Handler, watcher: RequestWatcher): Handler {
  return {
    onRequestStart: (...values: Values<"onRequestStart">) => {
      watcher.began();
      handler.onRequestStart?.(...values);
    },
    onRequestUpgrade: (...values: Values<"onRequestUpgrade">) => handler.onRequestUpgrade?.(...values),
    onResponseStarted: () => handler.onResponseStarted?.(),
    onResponseStart: (...values: Values<"onResponseStart">) => handler.onResponseStart?.(...values),
    onResponseData: (...values: Values<"onResponseData">) => handler.onResponseData?.(...values),
    onResponseEnd: (...values: Values<"onResponseEnd">) => {
      watcher.ended();
      handler.onResponseEnd?.(...values);
    },
    onResponseError: (...values: Values<"onResponseError">) => {
      watcher.ended();
      handler.onResponseError?.(...values);
    },
    onBodySent: (...values: Values<"onBodySent">) => handler.onBodySent?.(...values),
    onRequestSent: () => handler.onRequestSent?.(),
  };
}
