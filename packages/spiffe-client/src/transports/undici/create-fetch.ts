// SPDX-License-Identifier: Apache-2.0
import { type BodyInit, fetch as undiciFetch, FormData as UndiciFormData } from "undici";
import { createDispatcher } from "./create-dispatcher.ts";
import type { DispatcherOptions } from "./dispatcher-options.ts";

/**
 * `fetch` over a dispatcher of its own, with the classes of the undici that is installed: the same on every version of node. Takes what
 * node's `fetch` takes, its `Request` and `FormData` too. Who needs to close the connections takes `createDispatcher` instead.
 */
export function createFetch(options: DispatcherOptions): typeof fetch {
  const dispatcher = createDispatcher(options);
  const verifiedFetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<unknown> => {
    const isAddress = typeof input === "string" || input instanceof URL;
    const [url, all] = isAddress ? [input, init] : partsOf(input, init);
    const body = all.body instanceof FormData ? copyOf(all.body) : all.body;
    return await undiciFetch(url, { ...(all as object), ...(body != null && { body: body as BodyInit }), dispatcher });
  };
  return verifiedFetch as typeof fetch;
}

/** A Request of node is a stranger to undici: what it says is handed over. */
function partsOf(request: Request, init: RequestInit): [string, RequestInit] {
  const { method, headers, body, redirect, signal, integrity, keepalive, credentials, cache } = request;
  const stream = body === null ? {} : { body, duplex: "half" as const };
  return [
    request.url,
    { method, headers, redirect, signal, integrity, keepalive, credentials, cache, ...stream, ...init },
  ];
}

function copyOf(form: FormData): UndiciFormData {
  const copy = new UndiciFormData();
  for (const [name, value] of form) copy.append(name, value);
  return copy;
}
