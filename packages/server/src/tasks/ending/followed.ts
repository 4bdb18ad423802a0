// SPDX-License-Identifier: Apache-2.0
import type { Grant, Task, TaskId } from "@mayfly/tasks";
import type { EndTimes } from "./pursuit.ts";
import type { PlainGrant } from "./withdrawal.ts";

/** An end that can be followed, of tasks or of other identities. */
export interface Followed {
  /** Ended with it. */
  readonly tasks: ReadonlyMap<TaskId, Task>;
  /** What is not proven gone, by id. */
  readonly open: ReadonlyMap<string, unknown>;
  readonly grantCount: number;
  readonly isQuiet: boolean;
  readonly times: EndTimes;
  /** Grants as they are proven, until it is quiet or the signal. */
  follow(signal: AbortSignal): AsyncGenerator<Grant | PlainGrant>;
}

/** What a kill set going. */
export interface Killed {
  readonly end: Followed;
  /** What was taken away beside tasks, a sentence each. */
  readonly cut: readonly string[];
}
