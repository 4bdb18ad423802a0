// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@mayfly/telemetry";
import type { LeaseBook } from "../lease/lease-book.ts";
import type { LeaseLedger } from "../lease/lease-ledger.ts";

/** What following needs. */
export interface OrderParts {
  readonly ledger: Pick<LeaseLedger, "ordered">;
  readonly book: LeaseBook;
  readonly logger: Logger;
}

const everyMs = 1_000;

/** Ends single leases whose end an operator ordered at the server, within about a second. Until the signal. */
export async function followOrders({ ledger, book, logger }: OrderParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted || book.all.length === 0) continue;
    try {
      for (const id of await ledger.ordered()) {
        const held = book.get(id);
        if (held !== undefined) void book.end(held, "ordered");
      }
    } catch (error) {
      logger.warn("lease_orders_unknown", { error });
    }
  }
}
