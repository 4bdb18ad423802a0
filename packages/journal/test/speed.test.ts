// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { inclusionProof, LogWriter, treeRoot } from "../src/index.ts";
import { MemoryLogStore, newSigner, realClock, recordOf } from "./memory-log.ts";

// The bounds are far from what an idle machine needs (see README): they catch work that grows with the log.
describe("speed", () => {
  it("some 20,000 records a second are appended in memory", async () => {
    const store = new MemoryLogStore();
    const writer = await LogWriter.open({ store, signer: newSigner(), clock: realClock });
    const records = Array.from({ length: 20_000 }, (_, number) => recordOf(number));
    const from = performance.now();
    await Promise.all(records.map((record) => writer.append(record)));
    const perSecond = (records.length / (performance.now() - from)) * 1000;
    await writer[Symbol.asyncDispose]();
    console.log(`${perSecond.toFixed(0)} records/s`);
    expect(perSecond).toBeGreaterThan(5000);
  });

  it("a proof from a million records takes some hundreds of microseconds", async () => {
    const ofLevel = [Buffer.alloc(32, 7)];
    for (let level = 0; level < 3; level += 1) {
      const tile = Array.from({ length: 256 }, () => ofLevel[level] ?? Buffer.alloc(0));
      ofLevel.push(Buffer.from(treeRoot(tile)));
    }
    const tiles = ofLevel.map((hash) => Buffer.concat(Array.from({ length: 256 }, () => hash)));
    const tree = { readTile: (level: number) => tiles[level] ?? Buffer.alloc(0) };
    const times: number[] = [];
    for (let run = 0; run < 300; run += 1) {
      const from = performance.now();
      await inclusionProof(tree, (run * 3331) % 1_000_000, 1_000_000);
      times.push(performance.now() - from);
    }
    const median = times.toSorted((a, b) => a - b)[150] ?? 0;
    console.log(`${median.toFixed(3)} ms`);
    expect(median).toBeLessThan(3);
  });
});
