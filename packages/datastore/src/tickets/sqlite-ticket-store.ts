// SPDX-License-Identifier: Apache-2.0
import type { RedeemOutcome, Ticket, TicketStore } from "@mayfly/tasks";
import type { StoreThread } from "../thread/store-thread.ts";

/** Tickets behind the database worker. */
export class SqliteTicketStore implements TicketStore {
  readonly #thread: StoreThread;

  constructor(thread: StoreThread) {
    this.#thread = thread;
  }

  create(ticket: Ticket): Promise<boolean> {
    return this.#thread.write("tickets", "create", ticket);
  }

  redeem(hash: string, by: string, now: Date): Promise<RedeemOutcome> {
    return this.#thread.write("tickets", "redeem", { hash, by, now });
  }

  prune(now: Date): Promise<number> {
    return this.#thread.write("tickets", "prune", now);
  }
}
