// SPDX-License-Identifier: Apache-2.0
import type { GrantMessage } from "./tasks.ts";

/** Ends a subtree; `reason` is completed, cancelled, revoked or failed. */
export interface EndTaskRequest {
  readonly id: string;
  readonly reason: string;
  readonly why: string;
}

/** Ends all that stands on `what`; `kind` is task, agent, node or spiffe-id. */
export interface KillRequest {
  readonly kind: string;
  readonly what: string;
  readonly why: string;
}

/**
 * One message of an end: a grant whose end is proven, or the summary; `step` names the field that is set. A grant without a task is a
 * registration entry of an identity that is no task's.
 */
export interface EndProgress {
  readonly step?: "grant" | "summary" | undefined;
  readonly grant?: GrantMessage | undefined;
  readonly summary?: EndSummary | undefined;
}

/** The last message of an end; times in milliseconds from its commit. */
export interface EndSummary {
  readonly task_ids: readonly string[];
  readonly quiet: boolean;
  readonly grants: number;
  readonly stuck: number;
  /** The last proof of a guard that answers. */
  readonly healthy_ms: number;
  /** When the last silent guard fences itself; 0 = none is silent. */
  readonly fence_ms: number;
  /** End of the longest-lived SVID that a validator may still take who knows nothing of us. */
  readonly foreign_ms: number;
  /** Of a kill: what was taken away beside tasks, a sentence each. */
  readonly cut: readonly string[];
}
