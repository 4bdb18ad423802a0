// SPDX-License-Identifier: Apache-2.0
import { type JwtSvidError, SpiffeId, SpiffeIdError } from "@mayfly/spiffe";
import { spokenIdError } from "./spoken-id-error.ts";

/** The text in which the reference implementation says why a token is refused: people search for it. It never repeats the token. */
export function spokenJwtError(error: JwtSvidError, token: string, audience: string): string {
  switch (error.code) {
    case "MISSING_SUB":
      return "token missing subject claim";
    case "BAD_SUB":
      return `token has in invalid subject claim: ${subjectProblem(token)}`;
    case "MISSING_EXP":
      return "token missing exp claim";
    case "EXPIRED":
      return "token has expired";
    case "NO_BUNDLE":
      return `no keys found for trust domain ${JSON.stringify(trustDomainOf(error))}`;
    case "UNKNOWN_KEY":
      return unknownKey(error, token);
    case "AUD_MISMATCH":
    case "MISSING_AUD":
      return `expected audience in [${JSON.stringify(audience)}] (audience=${JSON.stringify(audienceOf(token))})`;
    case "BAD_SIGNATURE":
    case "NOT_YET_VALID":
      return error.message;
    default:
      return `unable to parse JWT token: ${error.message}`;
  }
}

function unknownKey(error: JwtSvidError, token: string): string {
  const { kid } = segment(token, 0);
  if (typeof kid !== "string" || kid === "") return "token header missing key id";
  return `public key ${JSON.stringify(kid.slice(0, 128))} not found in trust domain ${JSON.stringify(trustDomainOf(error))}`;
}

function subjectProblem(token: string): string {
  const { sub } = segment(token, 1);
  try {
    SpiffeId.parse(typeof sub === "string" ? sub : "");
  } catch (error) {
    if (error instanceof SpiffeIdError) return spokenIdError(error);
  }
  return "it is no SPIFFE ID of a workload";
}

function trustDomainOf({ claimedId = "" }: JwtSvidError): string {
  return claimedId.replace(/^spiffe:\/\//, "").split("/", 1)[0] ?? "";
}

function audienceOf(token: string): readonly string[] {
  const { aud } = segment(token, 1);
  return [aud].flat().filter((name): name is string => typeof name === "string");
}

/** Header or payload of a token that was read once already; for the text only. */
function segment(token: string, index: number): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(token.split(".")[index] ?? "", "base64url").toString("utf8")) as Record<
      string,
      unknown
    >;
  } catch {
    return {};
  }
}
