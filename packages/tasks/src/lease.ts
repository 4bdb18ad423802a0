// SPDX-License-Identifier: Apache-2.0
import type { Evidence } from "./grant.ts";
import type { TaskId } from "./task/task-id.ts";

/** `brokered`: the broker connects, the secret stays with it. `leased`: it is handed to the tool server. */
export type LeaseMode = "brokered" | "leased";

/**
 * `issuing`: ordered, the account may be there or not · `live` · `revoking`: its end is ordered · `stuck`: it could not be ended yet ·
 * `gone`: with evidence.
 */
export type LeaseState = "issuing" | "live" | "revoking" | "stuck" | "gone";

/**
 * A secret on loan: the account at a back-end that one call of a task works under. It is a grant of kind `lease` with the same id, and
 * its state is the grant's: there is no second truth.
 */
export interface Lease {
  readonly id: string;
  readonly taskId: TaskId;
  readonly callId: string;
  /** Name of the back-end. */
  readonly target: string;
  readonly mode: LeaseMode;
  /** Name of the account at the back-end; carries the lease id. */
  readonly account: string;
  /** SPIFFE ID of the tool server. */
  readonly holder: string;
  /** SPIFFE ID of the broker that ends it. */
  readonly guard: string;
  readonly createdAt: Date;
  readonly notAfter: Date;
  readonly state: LeaseState;
  readonly evidence?: Evidence | undefined;
  readonly problem?: string | undefined;
  /** Of the grant. */
  readonly revision: number;
}
