// SPDX-License-Identifier: Apache-2.0
import type { TaskId } from "./task/task-id.ts";

/**
 * What a task may hold: a registration `entry` (and the SVIDs from it), a `token-key` that tokens are bound to, a secret's `lease`, a live
 * `connection`, an `approval` that is not used yet.
 */
export type GrantKind = "entry" | "token-key" | "lease" | "connection" | "approval";

/** How it is known that a grant can't be used any more: what was tried, not what was ordered. No secret in it. */
export interface Evidence {
  /** Who saw it: the guard's SPIFFE ID. */
  readonly by: string;
  readonly at: Date;
  /** What was done to see it, such as `login-refused`. */
  readonly method: string;
  readonly detail: Readonly<Record<string, string | number | boolean>>;
}

/** Something that a task holds and one guard can take away. */
export interface Grant {
  readonly id: string;
  readonly taskId: TaskId;
  readonly kind: GrantKind;
  /** SPIFFE ID of the guard that ends it. */
  readonly guard: string;
  /** What it is at the guard: entry id, lease id, address of the peer. */
  readonly ref: string;
  /** From this instant on it is of no use, unless it is renewable. */
  readonly notAfter: Date;
  /** Whether the guard, or whoever it stands at, could put its end off: then time proves nothing. */
  readonly renewable: boolean;
  /** `gone` has evidence; `ending` was ordered and is not proven. */
  readonly state: "live" | "ending" | "gone";
  readonly evidence?: Evidence | undefined;
  /** Why it could not be ended yet; the guard goes on trying. */
  readonly problem?: string | undefined;
  /** Assigned by the store with every write of the grant; grows. 0 = not stored yet. */
  readonly revision: number;
}
