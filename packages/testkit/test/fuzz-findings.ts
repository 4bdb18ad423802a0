// SPDX-License-Identifier: Apache-2.0
// A program that fuzzes parsers of which all but one are broken: node --conditions=@mayfly/source packages/testkit/test/fuzz-findings.ts TARGET
import { type FuzzTarget, fuzzProgram } from "../src/index.ts";

class Refusal extends Error {}

function burn(milliseconds: number): void {
  const { user, system } = process.threadCpuUsage();
  for (;;) {
    const now = process.threadCpuUsage();
    if (now.user + now.system - user - system > milliseconds * 1_000) return;
  }
}

function target(run: (input: Uint8Array) => void): FuzzTarget {
  return { seeds: [Buffer.from("seed")], words: [], error: Refusal, run };
}

await fuzzProgram(import.meta.url, {
  sound: target((input) => {
    if (input.length % 2 === 0) throw new Refusal();
  }),
  foreign: target(() => {
    throw new RangeError("of somebody else");
  }),
  slow: target(() => burn(1_100)),
  endless: target(() => burn(Number.POSITIVE_INFINITY)),
  dying: target(() => process.exit(3)),
});
