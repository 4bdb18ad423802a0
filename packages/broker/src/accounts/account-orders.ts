// SPDX-License-Identifier: Apache-2.0

/** What an operator wants done to an account that is no lease's. */
export interface AccountOrder {
  readonly id: string;
  readonly account: string;
  readonly order: "rotate" | "isolate";
  /** Of the new password, as the database stores it (RFC 5803); "" for `isolate`. */
  readonly verifier: string;
}

/** What became of an order. */
export interface OrderAnswer {
  readonly target: string;
  readonly account: string;
  readonly id: string;
  /** undefined = carried out. */
  readonly problem?: string | undefined;
  readonly sessionsCut: number;
}

/** Where orders about accounts come from: the server. */
export interface AccountOrders {
  /** All that wait for a target. */
  take(target: string): Promise<readonly AccountOrder[]>;
  finish(answer: OrderAnswer): Promise<void>;
}
