// SPDX-License-Identifier: Apache-2.0
import type { TaskId } from "./task/task-id.ts";

/** `begun`: it may have been made. `unknown`: nobody will ever know. */
export type CallState = "begun" | "done" | "failed" | "unknown";

/** One tool call that was let through. A value. */
export interface Call {
  readonly id: string;
  readonly taskId: TaskId;
  readonly server: string;
  readonly tool: string;
  /** SPIFFE ID of the gateway that makes it. */
  readonly guard: string;
  /** The approval that it used. */
  readonly approvalId?: string | undefined;
  readonly begunAt: Date;
  readonly state: CallState;
  readonly finishedAt?: Date | undefined;
  /** What is to be said of how it ended; nothing secret. "" = nothing. */
  readonly detail: string;
}
