// SPDX-License-Identifier: Apache-2.0
import type { TraceContext } from "@mayfly/telemetry";
import type { HeldConnection } from "../postgres/end/account-ender.ts";
import type { Account } from "../postgres/postgres-target.ts";
import type { Lease, LeaseState } from "./lease.ts";

/** A connection that is carried under a lease. */
export interface CarriedConnection extends HeldConnection {
  /** No byte more in either direction; synchronous. */
  cut(): void;
}

/** A lease that this process has in hand. */
export class HeldLease {
  readonly lease: Lease;
  state: LeaseState = "issuing";
  problem = "";
  account: Account | undefined;
  /** Where its spans hang. */
  trace: TraceContext | undefined;
  /** Settles when nothing more is being made for it: what is not made yet can't be ended. */
  making: Promise<void> = Promise.resolve();
  /** Set when its end began; resolves when it is gone, or the broker stopped. */
  ending: Promise<void> | undefined;
  readonly #connections = new Set<CarriedConnection>();

  constructor(lease: Lease) {
    this.lease = lease;
  }

  get connections(): readonly CarriedConnection[] {
    return [...this.#connections];
  }

  /** @throws nothing: one that comes too late is cut at once, and proven dead with the others */
  carry(connection: CarriedConnection): void {
    this.#connections.add(connection);
    if (this.ending !== undefined) connection.cut();
  }

  cut(): void {
    for (const connection of this.#connections) connection.cut();
  }

  forget(): void {
    this.account?.secret.wipe();
    this.account = undefined;
    this.#connections.clear();
  }
}
