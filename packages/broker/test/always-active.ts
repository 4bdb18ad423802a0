// SPDX-License-Identifier: Apache-2.0
import type { TaskWatch } from "../src/guard/task-watch.ts";

/** Guard's knowledge for tests that are about something else: every task is active. */
export const alwaysActive: Pick<TaskWatch, "assertActive" | "isFenced"> = {
  assertActive: (taskId) => ({
    taskId,
    state: "active",
    tier: "T2",
    notAfter: new Date(Date.now() + 3_600_000),
    revision: 1,
  }),
  isFenced: () => false,
};

/** What the ledger of tests reads of a statement; nobody verifies it there. */
export function plainStatement(task: string, call: string): string {
  return `x.${Buffer.from(JSON.stringify({ task, call })).toString("base64url")}.x`;
}
