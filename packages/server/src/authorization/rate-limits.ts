// SPDX-License-Identifier: Apache-2.0
import type { LimitName } from "./method-table.ts";
import { RateLimiter } from "./rate-limiter.ts";

/** One limiter for each bucket of the method table. */
export type RateLimits = Readonly<Record<LimitName, RateLimiter>>;

/** Rates per second and source address; 0 = unlimited. */
export function createRateLimits(rates: { readonly attestation: number; readonly signing: number }): RateLimits {
  return {
    attestation: new RateLimiter(rates.attestation),
    signing: new RateLimiter(rates.signing),
    jwt: new RateLimiter(rates.signing),
  };
}
