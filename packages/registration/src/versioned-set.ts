// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";

/** What somebody holds of one kind of thing: id to version. Versions are opaque: equal means the same content. */
export type VersionMap = ReadonlyMap<string, string>;

/** The way from one versioned set to another. Both lists are sorted. */
export interface SetDiff {
  /** Ids to send: new, or in another version. */
  readonly upserts: readonly string[];
  /** Ids to take away. */
  readonly removed: readonly string[];
}

/** What brings `held` to `wanted`. */
export function diffSets(held: VersionMap, wanted: VersionMap): SetDiff {
  return {
    upserts: [...wanted.keys()].filter((id) => held.get(id) !== wanted.get(id)).toSorted(),
    removed: [...held.keys()].filter((id) => !wanted.has(id)).toSorted(),
  };
}

/** Digest of a whole set, 32 bytes: SHA-256 over the lines "id NUL version LF", sorted by id. The same on server and agent (mayfly.agent.v1). */
export function setDigest(versions: VersionMap): Uint8Array {
  const hash = createHash("sha256");
  for (const id of [...versions.keys()].toSorted()) hash.update(`${id}\0${versions.get(id) ?? ""}\n`);
  return hash.digest();
}
