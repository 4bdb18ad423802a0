// SPDX-License-Identifier: Apache-2.0
import { SnapshotParts } from "@mayfly/rpc";
import { GatewayError } from "../errors.ts";
import type { TaskStanding } from "../ports/task-feed.ts";

/** Of one stream; a server that breaks the rules gets a FEED_MALFORMED. */
export function snapshotParts(): SnapshotParts<TaskStanding> {
  return new SnapshotParts((problem) => new GatewayError("FEED_MALFORMED", `the server ${problem}`));
}
