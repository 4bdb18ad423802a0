// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import type { RegistrationEntry } from "./registration-entry.ts";

const known = new WeakMap<RegistrationEntry, string>();

/**
 * Opaque version of an entry's whole content, 22 characters: differs whenever anything of the entry differs, also what does not
 * count as a revision, and does not depend on the order of the object's fields. Remembered per object: entries are immutable.
 */
export function entryVersion(entry: RegistrationEntry): string {
  let version = known.get(entry);
  if (version === undefined) {
    version = createHash("sha256")
      .update(JSON.stringify(content(entry)))
      .digest("base64url")
      .slice(0, 22);
    known.set(entry, version);
  }
  return version;
}

/** Every field, in a fixed order; the type keeps the list complete. */
function content(entry: RegistrationEntry): readonly unknown[] {
  const fields: { readonly [Field in keyof RegistrationEntry]-?: unknown } = {
    id: entry.id,
    spiffeId: entry.spiffeId,
    parentId: entry.parentId,
    selectors: entry.selectors.map(({ type, value }) => [type, value]),
    x509SvidTtl: entry.x509SvidTtl,
    jwtSvidTtl: entry.jwtSvidTtl,
    federatesWith: entry.federatesWith,
    admin: entry.admin,
    downstream: entry.downstream,
    expiresAt: entry.expiresAt,
    dnsNames: entry.dnsNames,
    revisionNumber: entry.revisionNumber,
    storeSvid: entry.storeSvid,
    hint: entry.hint,
    createdAt: entry.createdAt,
  };
  return Object.values(fields);
}
