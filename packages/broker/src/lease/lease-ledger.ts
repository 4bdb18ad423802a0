// SPDX-License-Identifier: Apache-2.0
import type { Lease, LeaseReport, LeaseRequest } from "./lease.ts";

/** A role at a back-end that no lease explains. */
export interface UnmanagedAccount {
  readonly account: string;
  readonly lastActivityAt: Date | undefined;
  readonly canLogin: boolean;
  readonly legacy: boolean;
}

/** The server's list of leases: what is not in it does not exist, and is taken away where it is found. */
export interface LeaseLedger {
  /**
   * The intent: durable before it resolves, and nothing is done at a back-end before that.
   * @throws {LeaseError} REFUSED with the server's reason
   */
  begin(request: LeaseRequest, options?: { readonly signal?: AbortSignal | undefined }): Promise<Lease>;
  /**
   * Asked again until it resolves; the newest state of a lease counts.
   * @throws {LeaseError} REFUSED when the server will never take it; anything else is tried again
   */
  report(report: LeaseReport): Promise<void>;
  /** All of this broker's leases that are not gone, of every target. */
  list(): Promise<readonly Lease[]>;
  /** Ids of this broker's leases whose end was ordered. */
  ordered(): Promise<readonly string[]>;
  /** The whole list for a target; replaces the one before. */
  reportUnmanaged(target: string, accounts: readonly UnmanagedAccount[]): Promise<void>;
}
