// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { inclusionProof, LogWriter, treeRoot } from "../src/index.ts";
import { MemoryLogStore, newSigner, realClock, recordOf } from "./memory-log.ts";

/** Processor time of some work, milliseconds: unlike the time on the clock it does not depend on what else runs on the machine. */
async function processorMs(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

// The README has the figures; these bounds are some times wider. They catch work that grows with the log.
describe("speed", () => {
  it("20,000 records are appended in memory in far less than a second", async () => {
    const store = new MemoryLogStore();
    const writer = await LogWriter.open({ store, signer: newSigner(), clock: realClock });
    const records = Array.from({ length: 20_000 }, (_, number) => recordOf(number));
    const ms = await processorMs(async () => {
      await Promise.all(records.map((record) => writer.append(record)));
    });
    await writer[Symbol.asyncDispose]();
    expect(ms).toBeLessThan(2500);
  });

  it("a proof from a million records takes less than a millisecond", async () => {
    const ofLevel = [Buffer.alloc(32, 7)];
    for (let level = 0; level < 3; level += 1) {
      const tile = Array.from({ length: 256 }, () => ofLevel[level] ?? Buffer.alloc(0));
      ofLevel.push(Buffer.from(treeRoot(tile)));
    }
    const tiles = ofLevel.map((hash) => Buffer.concat(Array.from({ length: 256 }, () => hash)));
    const tree = { readTile: (level: number) => tiles[level] ?? Buffer.alloc(0) };
    const ms = await processorMs(async () => {
      for (let run = 0; run < 200; run += 1) await inclusionProof(tree, (run * 3331) % 1_000_000, 1_000_000);
    });
    expect(ms / 200).toBeLessThan(3);
  });
});
