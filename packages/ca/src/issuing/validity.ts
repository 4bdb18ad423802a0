// SPDX-License-Identifier: Apache-2.0
import { SignerError } from "../errors.ts";
import type { AuthorityRecord } from "../ports.ts";

/** How long something may live. */
export interface ValidityLimits {
  readonly now: Date;
  /** Seconds wished for; 0 = `defaultTtlSeconds`. */
  readonly ttlSeconds: number;
  readonly defaultTtlSeconds: number;
  readonly backdateSeconds: number;
  /** End of what it is issued for: no second of it counts any more. */
  readonly endsBy?: Date | undefined;
  readonly authority: Pick<AuthorityRecord, "notBefore" | "notAfter">;
}

/**
 * First and last second of validity, both inclusive: at most the wished seconds from now, dated back, inside the authority's own and before the
 * end of what it is for.
 * @throws {SignerError} TTL_REFUSED also past that end, SIGNER_AUTHORITY_EXPIRED, SIGNER_CLOCK_UNTRUSTED before the authority's begin
 */
export function validityOf(limits: ValidityLimits): { readonly notBefore: Date; readonly notAfter: Date } {
  const { now, ttlSeconds, defaultTtlSeconds, backdateSeconds, endsBy, authority } = limits;
  if (!Number.isSafeInteger(ttlSeconds) || ttlSeconds < 0) {
    throw new SignerError("TTL_REFUSED", "a lifetime is a whole number of seconds, not negative");
  }
  if (now >= authority.notAfter) throw new SignerError("SIGNER_AUTHORITY_EXPIRED", "the authority has ended");
  if (now < authority.notBefore) throw new SignerError("SIGNER_CLOCK_UNTRUSTED", "the authority begins in the future");
  const second = Math.floor(now.getTime() / 1000);
  const seconds = ttlSeconds === 0 ? defaultTtlSeconds : ttlSeconds;
  // RFC 5280 §4.1.2.5: the last second counts.
  const ends = [second + seconds - 1, Math.floor(authority.notAfter.getTime() / 1000)];
  if (endsBy !== undefined) ends.push(Math.ceil(endsBy.getTime() / 1000) - 1);
  const end = Math.min(...ends);
  if (endsBy !== undefined && end < second) throw new SignerError("TTL_REFUSED", "what it is for has ended");
  const start = Math.max(second - backdateSeconds, Math.ceil(authority.notBefore.getTime() / 1000));
  return { notBefore: new Date(start * 1000), notAfter: new Date(end * 1000) };
}
