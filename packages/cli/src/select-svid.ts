// SPDX-License-Identifier: Apache-2.0
import type { SelectSvid } from "@mayfly/spiffe-client";
import { parseTaskSpiffeId } from "@mayfly/tasks";

/** The identity of this ID, and no other. */
export function selectSvid(spiffeId: string): SelectSvid {
  return (svids) => svids.find(({ id }) => id.toString() === spiffeId);
}

/** The identity of the task that the process is bound to. */
export const selectTask: SelectSvid = (svids) => svids.find(({ id }) => parseTaskSpiffeId(id) !== undefined);
