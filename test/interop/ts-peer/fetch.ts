// SPDX-License-Identifier: Apache-2.0
import { createDispatcher, createFetch } from "@mayfly/spiffe-client/undici";
import type { Client, Policy, Reply, Transport } from "./transport.ts";

async function replyOf(response: Response): Promise<Reply> {
  const seen = await response.text();
  if (!response.ok) throw new Error(`status ${response.status}: ${seen}`);
  return { seen };
}

/** The fetch of node with a dispatcher. */
function openGlobal(address: string, policy: Policy): Client {
  // Longer than undici keeps an idle connection by itself: what ends it here has another reason.
  const dispatcher = createDispatcher({ ...policy, keepAliveTimeout: 60_000 });
  const init = { dispatcher } as unknown as RequestInit;
  return {
    request: async () => replyOf(await fetch(`https://${address}/`, init)),
    ended: new Promise((resolve) => dispatcher.once("disconnect", () => resolve())),
    close: () => void dispatcher.destroy(),
  };
}

/** The fetch of undici, HTTP/2 where the server takes it. */
function openOwn(address: string, policy: Policy): Client {
  const verifiedFetch = createFetch({ ...policy, allowH2: true });
  return {
    request: async () => replyOf(await verifiedFetch(`https://${address}/`)),
    ended: new Promise(() => undefined),
    close: () => undefined,
  };
}

export const globalFetch: Transport = { open: openGlobal };
export const undici: Transport = { open: openOwn };
