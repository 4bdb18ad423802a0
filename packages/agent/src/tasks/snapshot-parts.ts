// SPDX-License-Identifier: Apache-2.0
import { SnapshotParts } from "@mayfly/rpc";
import { AgentError } from "../errors.ts";
import type { TaskStanding } from "./task-standing.ts";

/** Of one stream; a server that breaks the rules gets a BAD_ANSWER. */
export function snapshotParts(): SnapshotParts<TaskStanding> {
  return new SnapshotParts((problem) => new AgentError("BAD_ANSWER", `the server ${problem}`));
}
