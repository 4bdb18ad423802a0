// SPDX-License-Identifier: Apache-2.0
import type { Logger } from "@mayfly/telemetry";
import type { Clock } from "../clock.ts";
import type { Delta, HeldSet } from "../entries/held-set.ts";
import type { SyncMode } from "../standing.ts";

/** What a session keeps in step with the server. */
export interface SyncTarget {
  readonly held: HeldSet;
  readonly clock: Clock;
  readonly log: Logger;
  /** Applies a delta that makes the set whole, and tells those who wait. */
  apply(delta: Delta, mode: SyncMode): void;
}
