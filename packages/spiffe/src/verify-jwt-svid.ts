// SPDX-License-Identifier: Apache-2.0
import type { BundleLookup } from "./bundle-set.ts";
import { readCompactJws, readJsonObject, type CompactJws } from "./compact-jws.ts";
import { JwtSvidError, type JwtSvidClaim, type JwtSvidErrorCode } from "./errors.ts";
import type { JwtBundle } from "./jwt-bundle.ts";
import { readAudienceAndTimes, readSubject, type TokenTimes } from "./jwt-claims.ts";
import { JwtSvid } from "./jwt-svid.ts";
import { isSignedWith } from "./jws-signature.ts";
import { quote } from "./quote.ts";
import type { SpiffeId } from "./spiffe-id.ts";

/** Inputs of `verifyJwtSvid` beside token and bundles. */
export interface VerifyJwtOptions {
  /** The names that the validator goes by; the token must be for one of them, byte by byte. At least one, none empty. */
  readonly audience: readonly string[];
  readonly now: Date;
  /** How far clocks may be apart, at expiry and at not-before; default 0. */
  readonly leewaySeconds?: number | undefined;
}

const maxTold = 32;
const maxListed = 4;

/**
 * Verifies a JWT-SVID in the order of JWT-SVID §4: form, algorithm, type, subject; then bundle of the subject's trust domain, key, signature;
 * then audience and times. Until the signature is verified nothing of the token counts but the choice of bundle and key; no key is ever
 * taken from the token. Synchronous. A token without key ID is refused, as elsewhere.
 * @throws {JwtSvidError} TOO_LARGE, MALFORMED, BAD_ALG, BAD_TYP, UNEXPECTED_HEADER, MISSING_SUB, BAD_SUB, NO_BUNDLE, UNKNOWN_KEY,
 * BAD_SIGNATURE, MISSING_AUD, AUD_MISMATCH, MISSING_EXP, EXPIRED, NOT_YET_VALID
 * @throws {TypeError} without an audience; {RangeError} for a leeway that is negative or no number
 */
export function verifyJwtSvid(token: string, bundles: BundleLookup<JwtBundle>, options: VerifyJwtOptions): JwtSvid {
  assertOptions(options);
  const jws = readCompactJws(token);
  const claims = readJsonObject(jws.payload, "payload");
  const id = readSubject(claims);
  verifySignature(jws, id, bundles);
  const times = readAudienceAndTimes(claims);
  assertMeant(times, { claimedId: id.toString(), keyId: jws.keyId, audience: times.audience }, options);
  return new JwtSvid({ id, claims, keyId: jws.keyId, algorithm: jws.algorithm, token, ...times });
}

function assertOptions({ audience, leewaySeconds = 0 }: VerifyJwtOptions): void {
  if (audience.length === 0 || audience.includes(""))
    throw new TypeError("a validator has at least one audience, none empty");
  if (!(leewaySeconds >= 0 && leewaySeconds < Number.POSITIVE_INFINITY))
    throw new RangeError("leeway is 0 seconds or more");
}

function verifySignature(jws: CompactJws, id: SpiffeId, bundles: BundleLookup<JwtBundle>): void {
  const claim = { claimedId: id.toString(), keyId: jws.keyId };
  const refuse = (code: JwtSvidErrorCode, message: string): JwtSvidError => new JwtSvidError(code, message, claim);
  const bundle = bundles.get(id.trustDomain);
  // A source that answers with another trust domain's bundle must not become trust.
  if (bundle === undefined || !bundle.trustDomain.equals(id.trustDomain)) {
    throw refuse(
      "NO_BUNDLE",
      `there is no bundle for the trust domain ${JSON.stringify(id.trustDomain.name)}; it would have to be federated`,
    );
  }
  const authority = bundle.authority(jws.keyId);
  if (authority === undefined) {
    const knownKeyIds = bundle.authorities.slice(0, maxTold).map((known) => known.keyId);
    const what = jws.keyId === "" ? "the token names no key" : `the bundle has no key with the ID ${quote(jws.keyId)}`;
    throw new JwtSvidError("UNKNOWN_KEY", what, { ...claim, knownKeyIds });
  }
  if (!isSignedWith(jws, authority)) {
    throw refuse("BAD_SIGNATURE", "the token's signature was not made with the key that it names");
  }
}

function assertMeant(
  times: TokenTimes,
  claim: JwtSvidClaim,
  { audience, now, leewaySeconds = 0 }: VerifyJwtOptions,
): void {
  if (!times.audience.some((name) => audience.includes(name))) {
    const [found, wanted] = [times.audience, audience].map(listed);
    throw new JwtSvidError("AUD_MISMATCH", `the token is for ${found}, not for ${wanted}`, {
      ...claim,
      wantedAudience: audience,
    });
  }
  const { notBefore, expiresAt } = times;
  const timed = { ...claim, validity: { notBefore, expiresAt, now } };
  // RFC 7519 §4.1.4: on or after the time of expiry the token is not accepted.
  const leewayMs = leewaySeconds * 1000;
  if (!(now.getTime() < expiresAt.getTime() + leewayMs)) {
    throw new JwtSvidError("EXPIRED", `the token was valid until ${expiresAt.toISOString()}`, timed);
  }
  if (notBefore !== undefined && now.getTime() < notBefore.getTime() - leewayMs) {
    throw new JwtSvidError("NOT_YET_VALID", `the token is not valid before ${notBefore.toISOString()}`, timed);
  }
}

function listed(names: readonly string[]): string {
  const [few, more] = [names.slice(0, maxListed), names.length - maxListed];
  return few.map(quote).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
