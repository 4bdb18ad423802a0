// SPDX-License-Identifier: Apache-2.0
import type { UnmanagedAccount } from "../guard-stores.ts";

/** What an operator wants done to an account: a new password, or no login and no session any more. */
export type AccountOrderKind = "rotate" | "isolate";

/** An order that its broker has not carried out yet. */
export interface AccountOrder {
  readonly id: string;
  readonly kind: AccountOrderKind;
  /** What the back-end stores in place of the new password (RFC 5803, SCRAM-SHA-256); "" for `isolate`. The password comes nowhere near us. */
  readonly verifier: string;
  readonly orderedAt: Date;
  /** Why it was not carried out the last time. */
  readonly problem?: string | undefined;
}

/** Who answers for an account that no lease explains, and up to when: a grant without a task. */
export interface Adoption {
  /** Name of an operator. */
  readonly owner: string;
  readonly expiresAt: Date;
  readonly adoptedBy: string;
}

/** An account at a back-end that no lease explains, and what is known and wanted of it. */
export interface BackendAccount extends UnmanagedAccount {
  /** undefined = nobody answers for it. */
  readonly adoption?: Adoption | undefined;
  /** When it last got a password by an order; undefined = never that we know. */
  readonly rotatedAt?: Date | undefined;
  readonly order?: AccountOrder | undefined;
}
