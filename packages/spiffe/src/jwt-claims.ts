// SPDX-License-Identifier: Apache-2.0
import { JwtSvidError, SpiffeIdError } from "./errors.ts";
import type { JsonObject } from "./json.ts";
import { SpiffeId } from "./spiffe-id.ts";

// As many as other implementations take.
const maxAudiences = 32;
const maxTime = 8.64e12;

/** The registered claims of a JWT-SVID but the subject. */
export interface TokenTimes {
  readonly audience: readonly string[];
  readonly expiresAt: Date;
  readonly notBefore: Date | undefined;
  readonly issuedAt: Date | undefined;
}

/** JWT-SVID §3.1: `sub` is the workload's SPIFFE ID. @throws {JwtSvidError} MISSING_SUB, BAD_SUB */
export function readSubject(claims: JsonObject): SpiffeId {
  const { sub } = claims;
  if (sub === undefined) throw new JwtSvidError("MISSING_SUB", "the token has no subject, which would be a SPIFFE ID");
  if (typeof sub !== "string")
    throw new JwtSvidError("BAD_SUB", "the token's subject is no text, which a SPIFFE ID would be");
  try {
    return SpiffeId.parse(sub);
  } catch (cause) {
    if (!(cause instanceof SpiffeIdError)) throw cause;
    throw new JwtSvidError("BAD_SUB", `the token's subject is no SPIFFE ID: ${cause.message}`, { cause });
  }
}

/** JWT-SVID §3.2 and §3.3, RFC 7519 §4.1. @throws {JwtSvidError} MISSING_AUD, MISSING_EXP, MALFORMED, TOO_LARGE */
export function readAudienceAndTimes(claims: JsonObject): TokenTimes {
  for (const name of ["iss", "jti"]) {
    // Nobody here looks at them; what others would do with something else is anybody's guess.
    if (Object.hasOwn(claims, name) && typeof claims[name] !== "string")
      throw new JwtSvidError("MALFORMED", `the token's ${name} is no text`);
  }
  const audience = readAudience(claims["aud"]);
  const expiresAt = readTime(claims["exp"]);
  if (expiresAt === undefined) throw new JwtSvidError("MISSING_EXP", "the token has no time of expiry in seconds");
  return { audience, expiresAt, notBefore: readOptionalTime(claims, "nbf"), issuedAt: readOptionalTime(claims, "iat") };
}

function readAudience(aud: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (list.length === 0 || !list.every((item): item is string => typeof item === "string" && item !== "")) {
    throw new JwtSvidError("MISSING_AUD", "the token has no audience that is text");
  }
  if (list.length > maxAudiences)
    throw new JwtSvidError("TOO_LARGE", `a token has at most ${maxAudiences} audiences, not ${list.length}`);
  return list;
}

/** NumericDate (RFC 7519 §2): seconds, fractions allowed. */
function readTime(value: unknown): Date | undefined {
  return typeof value === "number" && Math.abs(value) <= maxTime ? new Date(value * 1000) : undefined;
}

function readOptionalTime(claims: JsonObject, name: "nbf" | "iat"): Date | undefined {
  if (!Object.hasOwn(claims, name)) return undefined;
  const time = readTime(claims[name]);
  if (time === undefined) throw new JwtSvidError("MALFORMED", `the token's ${name} is no time in seconds`);
  return time;
}
