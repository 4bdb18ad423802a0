// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import type { RegistrationEntry, StoredBundle } from "@mayfly/registration";

/** Ids and versions of the things of one kind. */
export type VersionMap = ReadonlyMap<string, string>;

function short(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}

const versions = new WeakMap<object, string>();

function remembered<T extends object>(thing: T, describe: () => unknown): string {
  const known = versions.get(thing);
  if (known !== undefined) return known;
  const version = short(JSON.stringify(describe()));
  versions.set(thing, version);
  return version;
}

/** Changes whenever anything of the entry changes, also what does not count as a revision. */
export function entryVersion(entry: RegistrationEntry): string {
  return remembered(entry, () => Object.entries(entry).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Changes whenever an authority of the bundle, a taint or the sequence number changes. */
export function bundleVersion(bundle: StoredBundle): string {
  return remembered(bundle, () => [
    String(bundle.sequenceNumber),
    bundle.refreshHint,
    bundle.x509Authorities.map(({ der, tainted }) => [Buffer.from(der).toString("base64"), tainted]),
    bundle.jwtAuthorities.map((key) => [key.keyId, Buffer.from(key.publicKey).toString("base64"), key.expiresAt, key.tainted]),
  ]);
}
