// SPDX-License-Identifier: Apache-2.0
import { coded, type Rule, type Rules } from "./rule.ts";
import type { TokenCase } from "./token-mutations.ts";

function payloadOf({ token }: TokenCase): Readonly<Record<string, unknown>> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    return typeof claims === "object" && claims !== null ? { ...claims } : {};
  } catch {
    return {};
  }
}

/** Seconds that go-jose gives at both ends of a token's time. */
const leewaySeconds = 60;
/** What lies between the two verdicts at most. */
const delaySeconds = 15;

function isWithinLeeway(claim: "exp" | "nbf"): (refusal: unknown, one: TokenCase) => boolean {
  return (_refusal, one) => {
    const value = payloadOf(one)[claim];
    return typeof value === "number" && Math.abs(value - Date.now() / 1000) <= leewaySeconds + delaySeconds;
  };
}

function leeway(name: string, code: string, claim: "exp" | "nbf"): Rule<TokenCase> {
  const isNear = isWithinLeeway(claim);
  return {
    name,
    reason: "go-jose gives 60 seconds to every clock; ours are told how many, 0 unless asked for.",
    fits: (refusal, one) => refusal.code === code && isNear(refusal, one),
  };
}

function keys({ bundles }: TokenCase): Readonly<Record<string, unknown>>[] {
  return Object.values(bundles).flatMap((set) => (set as { keys: Record<string, unknown>[] }).keys);
}

/** Disagreements about tokens. */
export const tokenRules: Rules<TokenCase> = {
  refused: [
    coded(
      "jwt: header",
      /^UNEXPECTED_HEADER$/,
      "JWT-SVID §2: nothing but alg, kid and typ in the header. go-jose reads and ignores what it does not know.",
    ),
    coded(
      "jwt: type",
      /^BAD_TYP$/,
      "JWT-SVID §2.3: a typ that is there is JWT or JOSE; go-jose takes null for absent.",
    ),
    coded(
      "jwt: base64url",
      /^MALFORMED$/,
      "RFC 7515 §2: base64url without padding, blanks or unused bits that are set. go-jose removes white space and Go's decoder ignores the bits.",
      /base64url/,
    ),
    coded(
      "jwt: strict JSON",
      /^MALFORMED$/,
      "RFC 7519 §4: no name twice (the parsers that take the first and those that take the last would differ); 32 levels at most; no lone surrogate, no BOM.",
      /no JSON object/,
    ),
    coded(
      "jwt: claims of another type",
      /^(MALFORMED|MISSING_AUD|MISSING_EXP)$/,
      "RFC 7519 §4.1: times are numbers; audience, issuer and token id are text; go-jose takes null for absent.",
      /no time|no audience|is no text/,
    ),
    coded(
      "jwt: limits of an ID",
      /^BAD_SUB$/,
      "SPIFFE-ID §2.3: 2,048 bytes, 255 of them for the trust domain; go-spiffe sets no limit.",
      /at most \d+ bytes/,
    ),
    coded("jwt: size", /^TOO_LARGE$/, "At most 16 KiB and 32 audiences: limits on what an unknown peer may ask for."),
    leeway("jwt: leeway at expiry", "EXPIRED", "exp"),
    leeway("jwt: leeway at not-before", "NOT_YET_VALID", "nbf"),
    {
      name: "jwt: keys for another use",
      reason:
        "RFC 7517 §4.2, §4.3 and Trust Domain and Bundle §4.2.2: a key whose use, key_ops or double kid say that it is not for this is not in the bundle. go-spiffe takes every key.",
      fits: ({ code }, one) =>
        code === "UNKNOWN_KEY" &&
        keys(one).some(
          (key) =>
            "use" in key || "key_ops" in key || keys(one).some((other) => other !== key && other["kid"] === key["kid"]),
        ),
    },
    {
      name: "jwt: algorithm of the key",
      reason: "RFC 7517 §4.4: a key that names its algorithm is for that one. go-spiffe keeps only the key.",
      fits: ({ code }, one) => code === "BAD_SIGNATURE" && keys(one).some((key) => "alg" in key),
    },
  ],
  accepted: [
    {
      name: "jwt: issued in the future",
      reason:
        "RFC 7519 §4.1.6: iat tells the age of a token; not-before is nbf. go-jose refuses an iat more than 60 seconds ahead.",
      fits: ({ message }, one) => {
        const { iat } = payloadOf(one);
        return (
          message.endsWith("token issued in the future (iat)") && typeof iat === "number" && iat > Date.now() / 1000
        );
      },
    },
  ],
};
