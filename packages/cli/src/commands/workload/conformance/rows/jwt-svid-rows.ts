// SPDX-License-Identifier: Apache-2.0
import type { JWTSVIDResponse } from "@mayfly/rpc";
import type { Observation } from "../observation.ts";
import { code, describeOutcome, endedWith, type Outcome } from "../outcome.ts";
import { readRawToken } from "../raw-token.ts";
import { allOf, broken, demand, type Finding, kept, type Row, unseen } from "../row.ts";
import { withoutMessage } from "./x509-rows.ts";

function whenAnswered(check: (message: JWTSVIDResponse, seen: Observation) => Finding): Row["check"] {
  return (seen) => {
    const { one } = seen.tokens;
    return one.kind === "answer" ? check(one.message, seen) : withoutMessage(one);
  };
}

function allFields({ svids }: JWTSVIDResponse): Finding {
  return allOf([
    demand(svids.length > 0, "the answer has no SVID"),
    demand(
      svids.every(({ spiffe_id, svid }) => spiffe_id !== "" && svid !== ""),
      "spiffe_id or svid is empty",
    ),
  ]);
}

function bothAudiences({ tokens, audience, otherAudience }: Observation): Finding {
  const { two } = tokens;
  if (two.kind === "status") return withoutMessage(two);
  return allOf(
    two.message.svids.map(({ svid }) => {
      const aud: unknown = readRawToken(svid)?.claims["aud"];
      const isBoth = Array.isArray(aud) && aud.length === 2 && aud.includes(audience) && aud.includes(otherAudience);
      return demand(isBoth, "aud is not the list asked for");
    }),
  );
}

function idsOf(outcome: Outcome<JWTSVIDResponse>): string[] | undefined {
  return outcome.kind === "answer" ? outcome.message.svids.map(({ spiffe_id }) => spiffe_id).toSorted() : undefined;
}

function allIdentities({ tokens, identities }: Observation): Finding {
  const got = idsOf(tokens.one);
  if (got === undefined) return withoutMessage(tokens.one);
  const expected = identities.map(({ message }) => message.spiffe_id).toSorted();
  if (expected.length === 0) return unseen("needs an X.509-SVID to know the identities");
  if (JSON.stringify([...new Set(got)]) !== JSON.stringify([...new Set(expected)]))
    return broken("the tokens are not for the identities of FetchX509SVID");
  return new Set(expected).size > 1 ? kept : unseen("needs two identities");
}

function onlyThatOne({ tokens, identities }: Observation): Finding {
  if (tokens.named === undefined) return unseen("needs an identity");
  const got = idsOf(tokens.named);
  if (got === undefined) return withoutMessage(tokens.named);
  const wanted = identities[0]?.message.spiffe_id;
  if (got.length === 0 || got.some((id) => id !== wanted))
    return broken("there is a token for another identity, or none");
  return new Set(identities.map(({ message }) => message.spiffe_id)).size > 1 ? kept : unseen("needs two identities");
}

/** Not seen where the endpoint gives this caller no tokens at all. */
function whenServed(outcomeOf: (seen: Observation) => Outcome<unknown>, status: number): Row["check"] {
  return (seen) => {
    if (seen.tokens.one.kind === "status") return unseen("needs a JWT-SVID");
    const outcome = outcomeOf(seen);
    return demand(endedWith(outcome, status), `the answer is ${describeOutcome(outcome)}`);
  };
}

/** Workload API §6.2.1: FetchJWTSVID. */
export const jwtSvidRows: readonly Row[] = [
  { id: "WLAPI-30", level: "MUST", title: "a JWT-SVID with ID and token", check: whenAnswered(allFields) },
  { id: "WLAPI-30", level: "MUST", title: "all audiences asked for are aud", check: bothAudiences },
  { id: "WLAPI-30", level: "MUST", title: "no ID: tokens of all identities", check: allIdentities },
  { id: "WLAPI-30", level: "MUST", title: "an ID: its tokens only", check: onlyThatOne },
  {
    id: "WLAPI-30",
    level: "SHOULD",
    title: "another's ID is PERMISSION_DENIED",
    check: whenServed(({ tokens }) => tokens.foreignId, code.permissionDenied),
  },
  {
    id: "WLAPI-30",
    level: "SHOULD",
    title: "a malformed ID is INVALID_ARGUMENT",
    check: whenServed(({ tokens }) => tokens.malformedId, code.invalidArgument),
  },
];
