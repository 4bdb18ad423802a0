// SPDX-License-Identifier: Apache-2.0
import type { AuthorityKind, SigningService } from "@mayfly/ca";
import { type OwnBundle, revokePublishedKey, taintPublishedKey } from "./published-keys.ts";
import type { AuthorityOperations } from "./rpc/local-authority/local-authority-service.ts";

/**
 * The signing service's authorities as operators see them. JWT keys that downstream servers published can be tainted and revoked in the
 * same way: nothing else takes them out of the bundle before their end.
 */
export function authorityOperations({ authorities }: SigningService, bundle: OwnBundle): AuthorityOperations {
  const isOwn = (kind: AuthorityKind, id: string): boolean =>
    kind === "x509" || authorities.slots(kind).records.some((each) => each.id === id);
  return {
    list: (kind) => Promise.resolve(authorities.slots(kind).records),
    prepare: (kind) => authorities.prepare(kind),
    activate: (kind, id) => authorities.activate(kind, id),
    taint: async (kind, id) =>
      (isOwn(kind, id) ? undefined : await taintPublishedKey(bundle, id)) ?? (await authorities.taint(kind, id)),
    revoke: async (kind, id) =>
      (isOwn(kind, id) ? undefined : await revokePublishedKey(bundle, id)) ?? (await authorities.revoke(kind, id)),
  };
}
