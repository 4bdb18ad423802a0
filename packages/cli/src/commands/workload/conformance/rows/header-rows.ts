// SPDX-License-Identifier: Apache-2.0
import type { HeaderProbe, Observation, RpcName } from "../observation.ts";
import { code, describeOutcome, endedWith, type Outcome } from "../outcome.ts";
import { demand, type Finding, type Row, unseen } from "../row.ts";

/** RFC 9113 §8.2.1 forbids such a field: a server may end the stream below gRPC, and the client's library makes INTERNAL of it. */
function isMalformedField({ header, outcome }: HeaderProbe): boolean {
  return header === "true with a space behind" && endedWith(outcome, 13) && isReset(outcome);
}

function isReset(outcome: Outcome<unknown>): boolean {
  return outcome.kind === "status" && outcome.text.startsWith("Received RST_STREAM");
}

function refusesWrongHeaders(name: RpcName): (seen: Observation) => Finding {
  return ({ headers }) => {
    const wrong = headers[name].find(
      (probe) => !endedWith(probe.outcome, code.invalidArgument) && !isMalformedField(probe),
    );
    return demand(
      wrong === undefined,
      `${wrong?.header}: ${wrong === undefined ? "" : describeOutcome(wrong.outcome)}`,
    );
  };
}

const mandatory: readonly RpcName[] = ["FetchX509SVID", "FetchX509Bundles", "FetchJWTSVID", "FetchJWTBundles"];

function servedOnly(name: RpcName, outcomeOf: (seen: Observation) => Outcome<unknown>): (seen: Observation) => Finding {
  const check = refusesWrongHeaders(name);
  return (seen) =>
    endedWith(outcomeOf(seen), code.unimplemented) ? unseen("the WIT profile is not served") : check(seen);
}

function headerBeforeUnimplemented(seen: Observation): Finding {
  if (!endedWith(seen.wit, code.unimplemented)) return unseen("the WIT profile is served");
  const all = [...seen.headers.FetchWITSVID, ...seen.headers.FetchWITBundles];
  const early = all.some(({ outcome }) => endedWith(outcome, code.unimplemented));
  return demand(!early, "without the header the answer is UNIMPLEMENTED");
}

/** Without a token that is valid, INVALID_ARGUMENT may be said of the token. */
function validateRefuses(seen: Observation): Finding {
  const finding = refusesWrongHeaders("ValidateJWTSVID")(seen);
  return finding.kind === "kept" && seen.validation.good?.kind !== "answer" ? unseen("needs a JWT-SVID") : finding;
}

/** Workload Endpoint §3: every request carries the security header, exactly. */
export const headerRows: readonly Row[] = [
  ...mandatory.map(
    (name): Row => ({
      id: "ENDPOINT-05",
      level: "MUST",
      title: `${name} refuses a wrong header`,
      check: refusesWrongHeaders(name),
    }),
  ),
  { id: "ENDPOINT-05", level: "MUST", title: "ValidateJWTSVID refuses a wrong header", check: validateRefuses },
  {
    id: "ENDPOINT-05",
    level: "MUST",
    title: "FetchWITSVID refuses a wrong header",
    check: servedOnly("FetchWITSVID", ({ wit }) => wit),
  },
  {
    id: "ENDPOINT-05",
    level: "MUST",
    title: "FetchWITBundles refuses a wrong header",
    check: servedOnly("FetchWITBundles", ({ witBundles }) => witBundles),
  },
  {
    id: "WLAPI-40",
    level: "SHOULD",
    title: "WIT calls: header before UNIMPLEMENTED",
    check: headerBeforeUnimplemented,
  },
];
