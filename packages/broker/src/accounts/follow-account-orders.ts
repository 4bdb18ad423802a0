// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@mayfly/telemetry";
import { LeaseError } from "../errors.ts";
import type { PostgresTarget } from "../postgres/postgres-target.ts";
import type { AccountOrder, AccountOrders } from "./account-orders.ts";

/** What following needs. */
export interface AccountOrderParts {
  readonly targets: ReadonlyMap<string, PostgresTarget>;
  readonly orders: AccountOrders;
  readonly logger: Logger;
}

const everyMs = 2_000;

/** Carries out what operators ordered about accounts that are no lease's, within some seconds. Until the signal. */
export async function followAccountOrders(parts: AccountOrderParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    for (const target of parts.targets.values()) {
      if (signal.aborted) return;
      try {
        for (const order of await parts.orders.take(target.name)) await carryOut(parts, target, order);
      } catch (error) {
        parts.logger.warn("account_orders_unknown", { target: target.name, error });
      }
    }
  }
}

/** What the database says stays in our log; the server is told a sentence. */
async function carryOut(
  { orders, logger }: AccountOrderParts,
  target: PostgresTarget,
  { id, account, order, verifier }: AccountOrder,
): Promise<void> {
  const answer = { target: target.name, account, id };
  try {
    const act = order === "rotate" ? target.rotate(account, verifier) : target.isolate(account);
    const sessionsCut = await act;
    logger.info("account_order_done", { ...answer, order, sessions_cut: sessionsCut });
    await orders.finish({ ...answer, sessionsCut });
  } catch (error) {
    if (!(error instanceof LeaseError)) throw error;
    logger.error("account_order_failed", { ...answer, order, error });
    await orders.finish({ ...answer, problem: error.message, sessionsCut: 0 });
  }
}
