// SPDX-License-Identifier: Apache-2.0
import type { Observation } from "../observation.ts";
import { code, describeOutcome, endedWith, type Outcome } from "../outcome.ts";
import { allOf, broken, demand, type Finding, kept, type Row, unseen } from "../row.ts";

/** First answers of the calls that every endpoint must take. */
function firstAnswers({ x509, x509Bundles, jwtBundles, tokens, validation }: Observation): Outcome<unknown>[] {
  const streams = [x509.watched.first, x509Bundles.watched.first, jwtBundles.watched.first];
  return [...streams, tokens.one, validation.good ?? validation.noToken];
}

function isLoopback(host: string): boolean {
  return /^(127\.|\[::1\]$)/.test(host);
}

function local({ host }: Observation): Finding {
  return demand(host === undefined || isLoopback(host), "the endpoint is reached over a network");
}

function notOverTcp({ host }: Observation): Finding {
  if (host === undefined || isLoopback(host)) return kept;
  return unseen("whether this network authenticates callers can't be seen");
}

function noAuthentication(seen: Observation): Finding {
  const asked = firstAnswers(seen).some((outcome) => endedWith(outcome, code.unauthenticated));
  return demand(!asked, "a call without credentials is UNAUTHENTICATED");
}

/** Workload Endpoint §6: what is not ready says so at once. */
function notReady(seen: Observation): Finding {
  const outcomes = firstAnswers(seen);
  const hanging = outcomes.filter((outcome) => endedWith(outcome, code.deadlineExceeded));
  const ready = outcomes.some(({ kind }) => kind === "answer");
  if (hanging.length > 0 && !ready) return broken("calls stay without answer");
  return outcomes.some((outcome) => endedWith(outcome, code.unavailable))
    ? kept
    : unseen("needs an endpoint that is not ready");
}

function refusesStrangers({ x509 }: Observation): Finding {
  const { first } = x509.watched;
  if (first.kind === "answer") return unseen("needs a caller without identity");
  if (first.code === code.unavailable || first.code === code.unimplemented)
    return unseen("needs an endpoint that is ready");
  return demand(
    first.code === code.permissionDenied && first.text.includes("no identity issued"),
    `the answer is ${describeOutcome(first)}, or its text is not "no identity issued"`,
  );
}

function servesWorkloadApi(seen: Observation): Finding {
  const served = firstAnswers(seen).some((outcome) => !endedWith(outcome, code.unimplemented));
  return demand(served, "every method is UNIMPLEMENTED");
}

function reachable({ socket, host }: Observation): Finding {
  if (host !== undefined) return unseen("needs a Unix socket");
  if (socket === undefined) return unseen("the socket's file can't be looked at");
  return demand((socket.socketMode & 0o002) !== 0, "not every user may connect to the socket");
}

function safeDirectory({ socket, host }: Observation): Finding {
  if (host !== undefined) return unseen("needs a Unix socket");
  if (socket === undefined) return unseen("the socket's file can't be looked at");
  const { directoryMode } = socket;
  const sticky = (directoryMode & 0o1000) !== 0;
  return allOf([
    demand((directoryMode & 0o001) !== 0, "not every user may enter the socket's directory"),
    demand(sticky || (directoryMode & 0o022) === 0, "others may put files into the socket's directory"),
  ]);
}

/** Workload Endpoint §2 to §6, as far as they are not about the header or reflection. ENDPOINT-01 is judged at first contact. */
export const endpointRows: readonly Row[] = [
  { id: "ENDPOINT-01", level: "MUST", title: "speaks gRPC", check: () => kept },
  { id: "ENDPOINT-02", level: "SHOULD", title: "is local to its workloads", check: local },
  { id: "ENDPOINT-03", level: "MUST", title: "no TCP where callers are not authenticated", check: notOverTcp },
  { id: "ENDPOINT-06", level: "MUST", title: "works without TLS", check: () => kept },
  { id: "ENDPOINT-07", level: "MUST", title: "asks for no credentials", check: noAuthentication },
  { id: "ENDPOINT-12", level: "MUST", title: "not ready is UNAVAILABLE, never a hang", check: notReady },
  { id: "ENDPOINT-13", level: "SHOULD", title: "no identity is PERMISSION_DENIED", check: refusesStrangers },
  { id: "ENDPOINT-17", level: "MUST", title: "serves the Workload API", check: servesWorkloadApi },
  { id: "ENDPOINT-19", level: "SHOULD", title: "every user may connect to the socket", check: reachable },
  { id: "ENDPOINT-19", level: "SHOULD", title: "others can't replace the socket", check: safeDirectory },
];
