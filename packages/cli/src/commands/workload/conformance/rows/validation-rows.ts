// SPDX-License-Identifier: Apache-2.0
import { fromStruct, type ValidateJWTSVIDResponse } from "@mayfly/rpc";
import type { Observation } from "../observation.ts";
import { code, describeOutcome, endedWith } from "../outcome.ts";
import { readRawToken } from "../raw-token.ts";
import { allOf, broken, demand, type Finding, kept, type Row, unseen } from "../row.ts";
import { withoutMessage } from "./x509-rows.ts";

function isValid({ validation: { good } }: Observation): Finding {
  if (good === undefined) return unseen("needs a JWT-SVID");
  return good.kind === "answer" ? kept : withoutMessage(good);
}

function whenValid(check: (verdict: ValidateJWTSVIDResponse, seen: Observation) => Finding): Row["check"] {
  return (seen) => {
    const { good } = seen.validation;
    return good?.kind === "answer" ? check(good.message, seen) : unseen("needs a token that it takes for valid");
  };
}

function facts({ spiffe_id, claims }: ValidateJWTSVIDResponse, { tokens, audience }: Observation): Finding {
  const own = tokens.one.kind === "answer" ? tokens.one.message.svids[0] : undefined;
  const { sub, aud, exp } = claims === null ? {} : fromStruct(claims);
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  return allOf([
    demand(spiffe_id !== "" && spiffe_id === own?.spiffe_id, "spiffe_id is not the token's"),
    demand(sub === spiffe_id, "sub is missing or another"),
    demand(audiences.includes(audience), "aud is missing or another"),
    demand(exp !== undefined && exp === readRawToken(own?.svid ?? "")?.claims["exp"], "exp is missing or another"),
  ]);
}

function listedAudience({ claims }: ValidateJWTSVIDResponse): Finding {
  return demand(claims !== null && Array.isArray(fromStruct(claims)["aud"]), "aud is no list");
}

function refuses(id: string): Row["check"] {
  return ({ validation: { forged } }) => {
    const own = forged.filter((probe) => probe.id === id);
    if (own.length === 0) return unseen("needs a JWT-SVID");
    if (own.every(({ outcome }) => endedWith(outcome, code.unimplemented)))
      return unseen("the JWT profile is switched off");
    const taken = own.find(({ outcome }) => outcome.kind === "answer");
    return demand(taken === undefined, `it takes a token with ${taken?.defect}`);
  };
}

function refusalCode({ validation: { forged }, tokens: { one } }: Observation): Finding {
  const other = forged.find(({ outcome }) => outcome.kind === "status" && outcome.code !== code.invalidArgument);
  if (other === undefined) return kept;
  if (one.kind === "status" && endedWith(other.outcome, one.code))
    return unseen(`every call is ${describeOutcome(one)}`);
  return broken(`${other.defect}: ${describeOutcome(other.outcome)}`);
}

/** Workload API §6.2.3 and JWT-SVID §4: ValidateJWTSVID. */
export const validationRows: readonly Row[] = [
  { id: "WLAPI-33", level: "MUST", title: "ValidateJWTSVID takes a good token", check: isValid },
  { id: "WLAPI-33", level: "MUST", title: "ValidateJWTSVID: ID, sub, aud, exp", check: whenValid(facts) },
  { id: "WLAPI-33", level: "SHOULD", title: "ValidateJWTSVID: aud is a list", check: whenValid(listedAudience) },
  { id: "WLAPI-33", level: "SHOULD", title: "a bad token is INVALID_ARGUMENT", check: refusalCode },
  { id: "JWT-01", level: "MUST", title: "ValidateJWTSVID: compact form only", check: refuses("JWT-01") },
  { id: "JWT-02", level: "MUST", title: "ValidateJWTSVID: the nine algorithms only", check: refuses("JWT-02") },
  { id: "JWT-03", level: "MUST", title: "ValidateJWTSVID: no DER signature", check: refuses("JWT-03") },
  { id: "JWT-07", level: "MUST", title: "ValidateJWTSVID: no key out of tokens", check: refuses("JWT-07") },
  { id: "JWT-12", level: "MUST", title: "ValidateJWTSVID: its own audience only", check: refuses("JWT-12") },
  { id: "JWT-21", level: "MUST", title: "ValidateJWTSVID: no other signature", check: refuses("JWT-21") },
  { id: "JWT-22", level: "MUST", title: "ValidateJWTSVID: own trust domain's keys", check: refuses("JWT-22") },
];
