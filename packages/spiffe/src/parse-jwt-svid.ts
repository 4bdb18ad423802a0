// SPDX-License-Identifier: Apache-2.0
import { readCompactJws, readJsonObject } from "./compact-jws.ts";
import { readAudienceAndTimes, readSubject } from "./jwt-claims.ts";
import { UnverifiedJwtSvid } from "./jwt-svid.ts";

/**
 * Reads a JWT-SVID without verifying it: form, header and claims as JWT-SVID §2 and §3 ask, but neither signature nor audience nor time.
 * For a workload that got the token over its own Workload API. `token`: compact form, at most 16 KiB.
 * @throws {JwtSvidError} TOO_LARGE, MALFORMED, BAD_ALG, BAD_TYP, UNEXPECTED_HEADER, MISSING_SUB, BAD_SUB, MISSING_AUD, MISSING_EXP
 */
export function parseJwtSvid(token: string): UnverifiedJwtSvid {
  const { algorithm, keyId, payload } = readCompactJws(token);
  const claims = readJsonObject(payload, "payload");
  const id = readSubject(claims);
  return new UnverifiedJwtSvid({ id, claims, keyId, algorithm, token, ...readAudienceAndTimes(claims) });
}
