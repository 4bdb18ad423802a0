// SPDX-License-Identifier: Apache-2.0
import type { Delivery, SyncHub } from "./sync-hub.ts";
import { Wake } from "./wake.ts";

/** Changes that no agent acknowledges, such as a ban, are noticed this late. */
const recheckMs = 250;

/** Waits until no connected agent concerned lacks the newest state of the entries, or the signal. */
export async function awaitDelivery(hub: SyncHub, entryIds: readonly string[], signal: AbortSignal): Promise<Delivery> {
  const wake = new Wake();
  const ring = (): void => {
    wake.ring();
  };
  const unsubscribe = hub.onAck(ring);
  const timer = setInterval(ring, recheckMs);
  signal.addEventListener("abort", ring, { once: true });
  try {
    let delivery = hub.delivery(entryIds);
    while (delivery.outstanding > 0 && !signal.aborted) {
      await wake.next();
      delivery = hub.delivery(entryIds);
    }
    return delivery;
  } finally {
    unsubscribe();
    clearInterval(timer);
    signal.removeEventListener("abort", ring);
  }
}
