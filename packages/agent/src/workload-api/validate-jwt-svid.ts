// SPDX-License-Identifier: Apache-2.0
import { type Sent, toStruct, type ValidateJWTSVIDRequest, type ValidateJWTSVIDResponse } from "@mayfly/rpc";
import { BundleSet, JwtSvidError, verifyJwtSvid } from "@mayfly/spiffe";
import { Caller } from "./caller.ts";
import { passedClaims } from "./passed-claims.ts";
import { invalidArgument, unavailable } from "./refusal.ts";
import { spokenJwtError } from "./spoken-jwt-error.ts";
import { federatedBundles } from "./visible-bundles.ts";
import type { WorkloadCall, WorkloadDeps } from "./workload-deps.ts";

/** Clocks may be so far apart, as with the reference implementation. */
const leewaySeconds = 60;

/**
 * ValidateJWTSVID (Workload API §6.2.3) against the own bundle and the foreign ones that the caller's entries name. A caller without
 * entries may validate tokens of the own trust domain. Of a foreign token only sub, aud and exp are passed on.
 */
export async function validateJwtSvid(
  deps: WorkloadDeps,
  { audience, svid: token }: ValidateJWTSVIDRequest,
  call: WorkloadCall,
): Promise<Sent<ValidateJWTSVIDResponse>> {
  if (audience === "") throw invalidArgument("audience must be specified");
  if (token === "") throw invalidArgument("svid must be specified");
  const { held, standing, clock } = deps;
  const entries = await new Caller(call.peer, deps).entries();
  const own = held.ownBundle;
  if (own === undefined) throw unavailable("NO_BUNDLE");
  const bundles = BundleSet.of(own.jwt, ...federatedBundles(held, entries).map(({ jwt }) => jwt));
  const now = clock.now();
  try {
    const svid = verifyJwtSvid(token, bundles, { audience: [audience], now, leewaySeconds });
    if (svid.issuedAt !== undefined && svid.issuedAt.getTime() > now.getTime() + leewaySeconds * 1000) {
      throw new JwtSvidError("NOT_YET_VALID", "the token was issued in the future");
    }
    return { spiffe_id: svid.id.toString(), claims: toStruct(passedClaims(svid, own.trustDomain.name)) };
  } catch (error) {
    if (!(error instanceof JwtSvidError)) throw error;
    // Unknown, but perhaps only to us.
    if (error.code === "NO_BUNDLE" && !standing.settled) throw unavailable("NOT_SYNCED");
    throw invalidArgument(spokenJwtError(error, token, audience));
  }
}
