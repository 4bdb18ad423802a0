// SPDX-License-Identifier: Apache-2.0
import { AuthorityError, type AuthorityRecord } from "@mayfly/ca";
import type { BundleStore, StoredBundle, StoredJwtAuthority } from "@mayfly/registration";

/** The bundle that downstream servers publish their JWT keys in. */
export interface OwnBundle {
  readonly trustDomain: string;
  readonly bundles: BundleStore;
}

/** The key that was withdrawn. */
export type WithdrawnKey = Pick<AuthorityRecord, "id" | "notAfter">;

type Edit = (key: StoredJwtAuthority) => readonly StoredJwtAuthority[];

/** Applies `edit` to the keys of this ID; undefined when there are none. */
async function editKeys(
  { trustDomain, bundles }: OwnBundle,
  id: string,
  edit: Edit,
): Promise<WithdrawnKey | undefined> {
  let found: StoredJwtAuthority | undefined;
  await bundles.modify(trustDomain, (current): StoredBundle | undefined => {
    found = current?.jwtAuthorities.find(({ keyId }) => keyId === id);
    if (current === undefined || found === undefined) return undefined;
    const jwtAuthorities = current.jwtAuthorities.flatMap((key) => (key.keyId === id ? edit(key) : [key]));
    return { ...current, jwtAuthorities, sequenceNumber: current.sequenceNumber + 1n };
  });
  return found && { id, notAfter: new Date(found.expiresAt * 1000) };
}

/** Marks a published key as not to be trusted for new tokens; undefined when there is none of this ID. @throws {AuthorityError} AUTHORITY_TAINTED */
export function taintPublishedKey(bundle: OwnBundle, id: string): Promise<WithdrawnKey | undefined> {
  return editKeys(bundle, id, (key) => {
    if (key.tainted) throw new AuthorityError("AUTHORITY_TAINTED", "the authority is tainted already");
    return [{ ...key, tainted: true }];
  });
}

/** Takes a published key out of the bundle; undefined when there is none of this ID. @throws {AuthorityError} AUTHORITY_NOT_TAINTED */
export function revokePublishedKey(bundle: OwnBundle, id: string): Promise<WithdrawnKey | undefined> {
  return editKeys(bundle, id, (key) => {
    if (!key.tainted) {
      throw new AuthorityError("AUTHORITY_NOT_TAINTED", "an authority must be tainted before it is revoked");
    }
    return [];
  });
}
