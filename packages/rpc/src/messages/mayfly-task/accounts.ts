// SPDX-License-Identifier: Apache-2.0
import type { Int64 } from "../../message.ts";

/** An account at a back-end that no lease explains, and what is known and wanted of it. Instants in Unix milliseconds, 0 = never or not known. */
export interface AccountMessage {
  readonly target: string;
  readonly account: string;
  readonly last_activity_ms: Int64;
  readonly can_login: boolean;
  /** Named in the broker's configuration. */
  readonly legacy: boolean;
  readonly first_seen_ms: Int64;
  readonly last_seen_ms: Int64;
  /** Operator who answers for it; "" = nobody. */
  readonly owner: string;
  readonly expires_at_ms: Int64;
  readonly adopted_by: string;
  readonly rotated_at_ms: Int64;
  /** What waits for its broker: rotate, isolate or "". */
  readonly order: string;
  /** Why its broker could not carry it out the last time. */
  readonly order_problem: string;
  /** UNOWNED, EXPIRED, OLD_PASSWORD, ORDER_FAILED. */
  readonly alarms: readonly string[];
}

/** Filter; empty = not asked. */
export interface ListAccountsRequest {
  readonly target: string;
  readonly page_size: number;
  readonly page_token: string;
}

/** A page of accounts. */
export interface ListAccountsResponse {
  readonly accounts: readonly AccountMessage[];
  readonly next_page_token: string;
}

/** Makes an operator answer for an account up to an instant. */
export interface AdoptAccountRequest {
  readonly target: string;
  readonly account: string;
  readonly owner: string;
  readonly expires_at_ms: Int64;
  readonly why: string;
}

/** What its broker is to do with an account. */
export interface OrderAccountRequest {
  readonly target: string;
  readonly account: string;
  /** rotate or isolate. */
  readonly order: string;
  /** What the back-end stores for the new password: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`; "" for isolate. */
  readonly verifier: string;
  readonly why: string;
}

/** Orders for a broker's target. */
export interface TakeAccountOrdersRequest {
  readonly target: string;
}

/** An order that waits. */
export interface AccountOrderMessage {
  readonly id: string;
  readonly account: string;
  readonly order: string;
  readonly verifier: string;
}

/** All that wait. */
export interface TakeAccountOrdersResponse {
  readonly orders: readonly AccountOrderMessage[];
}

/** What came of an order. */
export interface FinishAccountOrderRequest {
  readonly target: string;
  readonly account: string;
  readonly id: string;
  /** "" = carried out. */
  readonly problem: string;
  readonly sessions_cut: number;
}
