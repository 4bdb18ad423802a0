// SPDX-License-Identifier: Apache-2.0
import type { AccountOrder, Adoption, BackendAccount } from "./backend-account.ts";

/** Which account is meant. */
export interface AccountName {
  readonly target: string;
  readonly account: string;
}

/** What came of an order: carried out at `doneAt`, or why not. */
export type OrderOutcome = { readonly doneAt: Date } | { readonly problem: string };

/** What people know and want of accounts that no lease explains. An account that is reported no more is forgotten with all of it. */
export interface AccountStore {
  get(name: AccountName): Promise<BackendAccount | undefined>;
  /** By target and account. */
  list(filter: { readonly target?: string | undefined }): Promise<readonly BackendAccount[]>;
  /** A later adoption takes the place of the one before. undefined when there is no such account. */
  adopt(name: AccountName, adoption: Adoption): Promise<BackendAccount | undefined>;
  /** A later order takes the place of one that waits. undefined when there is no such account. */
  order(name: AccountName, order: AccountOrder): Promise<BackendAccount | undefined>;
  /** Of the order with this id, if it is still the one that waits; a carried out `rotate` sets `rotatedAt`, its verifier is forgotten. */
  finishOrder(name: AccountName, id: string, outcome: OrderOutcome): Promise<BackendAccount | undefined>;
}
