// SPDX-License-Identifier: Apache-2.0
import type { Observation } from "../observation.ts";
import { code, describeOutcome, endedWith, type Outcome } from "../outcome.ts";
import { allOf, broken, demand, type Finding, kept, type Row, unseen } from "../row.ts";

function x509Calls({ x509, x509Bundles }: Observation): Outcome<unknown>[] {
  return [x509.watched.first, x509Bundles.watched.first];
}

function jwtCalls({ jwtBundles, tokens, validation }: Observation): Outcome<unknown>[] {
  return [tokens.one, jwtBundles.watched.first, validation.good ?? validation.noToken];
}

function isOff(calls: readonly Outcome<unknown>[]): boolean {
  return calls.every((outcome) => endedWith(outcome, code.unimplemented));
}

/** An operator may switch a profile off, as a whole, but not both (Workload API §3). */
function implemented(
  calls: (seen: Observation) => Outcome<unknown>[],
  others: typeof calls,
): (seen: Observation) => Finding {
  return (seen) => {
    const own = calls(seen);
    const missing = own.filter((outcome) => endedWith(outcome, code.unimplemented)).length;
    if (missing === 0) return kept;
    if (missing < own.length) return broken("some methods of the profile are UNIMPLEMENTED");
    return demand(!isOff(others(seen)), "both profiles are UNIMPLEMENTED");
  };
}

/** An empty mandatory field is INVALID_ARGUMENT; not seen where this caller is refused in any case. */
function emptyFieldRefused(outcomeOf: (seen: Observation) => Outcome<unknown>): Row["check"] {
  return (seen) => {
    const outcome = outcomeOf(seen);
    const { one } = seen.tokens;
    if (one.kind === "status" && endedWith(outcome, one.code)) return unseen(`every call is ${describeOutcome(one)}`);
    return demand(endedWith(outcome, code.invalidArgument), `the answer is ${describeOutcome(outcome)}`);
  };
}

function allDenied(outcomes: readonly Outcome<unknown>[]): Finding {
  return allOf(
    outcomes.map((outcome) =>
      endedWith(outcome, code.unimplemented)
        ? kept
        : demand(endedWith(outcome, code.permissionDenied), `the answer is ${describeOutcome(outcome)}`),
    ),
  );
}

/** What holds for a caller that gets no identity. */
function whenDenied(check: (seen: Observation) => Finding): (seen: Observation) => Finding {
  return (seen) =>
    endedWith(seen.x509.watched.first, code.permissionDenied) ? check(seen) : unseen("needs a caller without identity");
}

/** Workload API §3 and §4.5: profiles, empty fields, callers without identity. */
export const profileRows: readonly Row[] = [
  { id: "WLAPI-01", level: "MUST", title: "the X.509 profile", check: implemented(x509Calls, jwtCalls) },
  { id: "WLAPI-01", level: "MUST", title: "the JWT profile", check: implemented(jwtCalls, x509Calls) },
  {
    id: "WLAPI-08",
    level: "SHOULD",
    title: "FetchJWTSVID refuses an empty audience list",
    check: emptyFieldRefused(({ tokens }) => tokens.noAudience),
  },
  {
    id: "WLAPI-08",
    level: "SHOULD",
    title: "FetchJWTSVID refuses an empty audience",
    check: emptyFieldRefused(({ tokens }) => tokens.emptyAudience),
  },
  {
    id: "WLAPI-08",
    level: "SHOULD",
    title: "ValidateJWTSVID refuses an empty audience",
    check: emptyFieldRefused(({ validation }) => validation.noAudience),
  },
  {
    id: "WLAPI-08",
    level: "SHOULD",
    title: "ValidateJWTSVID refuses an empty token",
    check: emptyFieldRefused(({ validation }) => validation.noToken),
  },
  {
    id: "WLAPI-21",
    level: "SHOULD",
    title: "X.509: PERMISSION_DENIED without identity",
    check: whenDenied(({ x509, x509Bundles }) => allDenied([x509.second, x509Bundles.second])),
  },
  {
    id: "WLAPI-32",
    level: "SHOULD",
    title: "JWT: PERMISSION_DENIED without identity",
    check: whenDenied(({ tokens, jwtBundles }) => allDenied([tokens.one, jwtBundles.second])),
  },
];
