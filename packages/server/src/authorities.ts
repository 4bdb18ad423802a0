// SPDX-License-Identifier: Apache-2.0
import type { SigningService } from "@mayfly/ca";
import type { AuthorityOperations } from "./rpc/local-authority/local-authority-service.ts";

/** The signing service's authorities as operators see them. */
export function authorityOperations({ authorities }: SigningService): AuthorityOperations {
  return {
    list: (kind) => Promise.resolve(authorities.slots(kind).records),
    prepare: (kind) => authorities.prepare(kind),
    activate: (kind, id) => authorities.activate(kind, id),
    taint: (kind, id) => authorities.taint(kind, id),
    revoke: (kind, id) => authorities.revoke(kind, id),
  };
}
