// SPDX-License-Identifier: Apache-2.0
import type { SelectSvid } from "@mayfly/spiffe-client";

/** The identity of this ID, and no other. */
export function selectSvid(spiffeId: string): SelectSvid {
  return (svids) => svids.find(({ id }) => id.toString() === spiffeId);
}
