// SPDX-License-Identifier: Apache-2.0
import type { X509SVIDResponse } from "@mayfly/rpc";
import type { Observation, Stream } from "../observation.ts";
import { code, describeOutcome, endedWith, type Outcome } from "../outcome.ts";
import { allOf, broken, demand, type Finding, kept, type Row, unseen } from "../row.ts";

const promptMs = 1000;

type StreamName = "x509" | "x509Bundles" | "jwtBundles";
const streams: readonly (readonly [name: StreamName, rpc: string])[] = [
  ["x509", "FetchX509SVID"],
  ["x509Bundles", "FetchX509Bundles"],
  ["jwtBundles", "FetchJWTBundles"],
];

/** Statuses with which an endpoint refuses a caller without being broken. */
function isRefusal(outcome: Outcome<unknown>): boolean {
  return [code.permissionDenied, code.unimplemented, code.unavailable].some((each) => endedWith(outcome, each));
}

/** First messages come by themselves, and at least one opening of three within a second. */
function prompt({ watched, second, atEnd }: Stream<unknown>): Finding {
  const openings = [watched.first, second, atEnd];
  const bad = openings.find(({ kind }) => kind === "status");
  if (bad !== undefined && isRefusal(bad)) return unseen(`the answer is ${describeOutcome(bad)}`);
  if (bad !== undefined) return broken(`the answer is ${describeOutcome(bad)}`);
  return demand(Math.min(...openings.map(({ ms }) => ms)) < promptMs, "the first message takes over a second");
}

function besideAnother({ watched, second }: Stream<unknown>): Finding {
  if (watched.first.kind === "status") return unseen(`the answer is ${describeOutcome(watched.first)}`);
  return demand(second.kind === "answer", `the second stream of the connection: ${describeOutcome(second)}`);
}

function pushed({ watched, atEnd, wasPushed }: Stream<unknown>): Finding {
  if (watched.first.kind === "status") return unseen(`the answer is ${describeOutcome(watched.first)}`);
  if (atEnd.kind === "status") return unseen("the stream could not be opened again at the end");
  if (!wasPushed) return broken("what a new stream shows was not pushed to the open one");
  return watched.count > 1 ? kept : unseen("needs a change while the stream is watched (--wait)");
}

function shapeOf({ svids, federated_bundles }: X509SVIDResponse): string {
  const keys = svids.map(({ spiffe_id, hint }) => `${spiffe_id} ${hint}`);
  return JSON.stringify([keys.toSorted(), Object.keys(federated_bundles).toSorted()]);
}

/** Workload API §4.3: the last push holds all that a new stream shows. */
function complete({ watched, atEnd }: Stream<X509SVIDResponse>): Finding {
  if (watched.first.kind === "status") return unseen(`the answer is ${describeOutcome(watched.first)}`);
  if (watched.count < 2 || watched.last === undefined)
    return unseen("needs a push while the stream is watched (--wait)");
  if (atEnd.kind === "status") return unseen("the stream could not be opened again at the end");
  return demand(shapeOf(watched.last) === shapeOf(atEnd.message), "a new stream shows other identities or bundles");
}

function notRepeated({ watched }: Stream<unknown>): Finding {
  if (watched.first.kind === "status") return unseen(`the answer is ${describeOutcome(watched.first)}`);
  if (watched.flooded) return broken("message follows message without end");
  return demand(watched.repeats === 0, "the same message is sent again");
}

function notEnded({ watched }: Stream<unknown>): Finding {
  if (watched.first.kind === "status") {
    if (endedWith(watched.first, code.ok)) return broken("the stream ends with OK, without a message");
    return unseen(`the answer is ${describeOutcome(watched.first)}`);
  }
  return demand(watched.end?.code !== code.ok, "an open stream ends with OK");
}

function each(check: (stream: Stream<unknown>) => Finding): (seen: Observation) => Finding {
  return (seen) => allOf(streams.map(([name]) => check(seen[name])));
}

/** Workload API §4: the life of a stream. */
export const streamRows: readonly Row[] = [
  ...streams.map(
    ([name, rpc]): Row => ({
      id: "WLAPI-04",
      level: "MUST",
      title: `${rpc}: first message within a second`,
      check: (seen) => prompt(seen[name]),
    }),
  ),
  { id: "WLAPI-04", level: "MUST", title: "a second stream gets its own message", check: each(besideAnother) },
  { id: "WLAPI-03", level: "MUST", title: "a push is the complete state", check: ({ x509 }) => complete(x509) },
  ...streams.map(
    ([name, rpc]): Row => ({
      id: "WLAPI-05",
      level: "SHOULD",
      title: `${rpc}: a change is pushed`,
      check: (seen) => pushed(seen[name]),
    }),
  ),
  ...streams.map(
    ([name, rpc]): Row => ({
      id: "WLAPI-05",
      // It is bundle streams of which this is asked.
      level: name === "x509" ? "MAY" : "SHOULD",
      title: `${rpc}: no message twice in a row`,
      check: (seen) => notRepeated(seen[name]),
    }),
  ),
  { id: "WLAPI-14", level: "SHOULD", title: "a healthy stream never ends with OK", check: each(notEnded) },
  {
    id: "WLAPI-12",
    level: "MUST",
    title: "entitlement is looked at again before pushes",
    check: () => unseen("needs an entry to be deleted or the caller to change"),
  },
  {
    id: "WLAPI-15",
    level: "SHOULD",
    title: "UNAVAILABLE while entries are still coming",
    check: () => unseen("needs an endpoint that starts"),
  },
];
