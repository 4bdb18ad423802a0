// SPDX-License-Identifier: Apache-2.0
import type { StoredBundle, StoredJwtAuthority } from "@mayfly/registration";
import { unixSeconds } from "../../clock.ts";
import { failedPrecondition, invalidArgument } from "../wire/refusal.ts";
import { appendAuthorities } from "./append.ts";

/** Readers of bundles take 256 keys of all kinds. */
const maxJwtAuthorities = 128;
/** How long after its end a key stays: an own one stays at most as long. */
const keptSeconds = 86_400;

/**
 * The bundle with the JWT key of a downstream server, less those keys whose end is more than a day past: downstream servers publish new
 * ones all the time and never take one back. Undefined when nothing changes.
 * @throws {StatusError} INVALID_ARGUMENT for the ID of another key, since validators look keys up by it; FAILED_PRECONDITION when full
 */
export function withPublishedKey(current: StoredBundle, key: StoredJwtAuthority, now: Date): StoredBundle | undefined {
  const last = unixSeconds(now) - keptSeconds;
  const jwtAuthorities = current.jwtAuthorities.filter(({ expiresAt }) => expiresAt === 0 || expiresAt > last);
  if (jwtAuthorities.some((each) => each.keyId === key.keyId && Buffer.compare(each.publicKey, key.publicKey) !== 0)) {
    throw invalidArgument("invalid JWT authority: the key ID is another key's");
  }
  const changed = appendAuthorities({ ...current, jwtAuthorities }, { x509: [], jwt: [key] });
  if (changed !== undefined && changed.jwtAuthorities.length > maxJwtAuthorities) {
    throw failedPrecondition(`the bundle has ${String(maxJwtAuthorities)} JWT authorities already`);
  }
  return changed;
}
