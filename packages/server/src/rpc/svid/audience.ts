// SPDX-License-Identifier: Apache-2.0
import { internal, invalidArgument } from "../wire/refusal.ts";

/** Published limits. */
const maxAudiences = 16;
const maxAudienceBytes = 1024;

/** The audience to sign: empty members go, order and duplicates stay. @throws {StatusError} INVALID_ARGUMENT, INTERNAL */
export function checkAudience(audience: readonly string[]): readonly string[] {
  if (audience.length === 0) throw invalidArgument("at least one audience is required");
  const named = audience.filter((each) => each !== "");
  // JWT-SVID §3.2: aud is required.
  if (named.length === 0) throw internal("failed to sign JWT-SVID: invalid JWT-SVID audience: cannot be empty");
  if (named.length > maxAudiences) throw invalidArgument(`more than ${String(maxAudiences)} audiences`);
  if (named.some((each) => Buffer.byteLength(each) > maxAudienceBytes)) {
    throw invalidArgument(`audience longer than ${String(maxAudienceBytes)} bytes`);
  }
  return named;
}
