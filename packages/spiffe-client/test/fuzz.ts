// SPDX-License-Identifier: Apache-2.0
// Fuzzing, run by hand: `node packages/spiffe-client/test/fuzz.ts messages SECONDS [SEED]`. Bytes of good answers of the Workload API are
// changed at random and go through the decoder and the reader that clients use. Nothing but a WorkloadApiError may come out, in less than a
// second each. Prints what was found and, as a line of JSON, what was done; a finding ends it with status 1.
import { argv, exit, stdout } from "node:process";
import { fuzzMessages } from "./fuzz-messages.ts";

const [what, seconds = "60", seed = String(Date.now() % 2 ** 32)] = argv.slice(2);
if (what !== "messages" || !(Number(seconds) > 0)) {
  stdout.write("usage: fuzz.ts messages SECONDS [SEED]\n");
  exit(2);
}
const { runs, accepted, slowestMs, findings } = fuzzMessages(Number(seconds), Number(seed));
for (const finding of findings) stdout.write(`${finding}\n`);
const [first] = findings;
const found = first === undefined ? {} : { error: first, input: first.slice(first.lastIndexOf(" ") + 1) };
const counts = { target: what, seed: Number(seed), runs, taken: accepted, slowest_ms: Math.round(slowestMs) };
stdout.write(`${JSON.stringify({ ...counts, ...found })}\n`);
exit(findings.length === 0 ? 0 : 1);
