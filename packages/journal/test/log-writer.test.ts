// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { rejectionOf } from "./codes.ts";
import { exportLog, MemoryLogStore, newSigner, realClock, recordOf, writeLog } from "./memory-log.ts";
import { verifyCheckpoint } from "../src/checkpoint.ts";
import { LogWriter, type LogWriterOptions } from "../src/log-writer.ts";
import { encodeRecord } from "../src/record-codec.ts";
import { verifyLog } from "../src/verify-log.ts";
import { verifyReceipt } from "../src/verify-receipt.ts";

const signer = newSigner();
const vkey = signer.key.toString();

function open(store: MemoryLogStore, change: Partial<LogWriterOptions> = {}): Promise<LogWriter> {
  return LogWriter.open({ store, signer, clock: realClock, ...change });
}

function records(count: number, from = 0): ReturnType<typeof recordOf>[] {
  return Array.from({ length: count }, (_, number) => recordOf(from + number));
}

async function problemsOf(store: MemoryLogStore): Promise<string[]> {
  const { problems } = await verifyLog(await exportLog(store), { vkey });
  return problems.map(({ code }) => code);
}

/** A clock whose sleepers wait until it is told. */
function handClock(): { readonly clock: LogWriterOptions["clock"]; readonly pauses: (() => void)[] } {
  const pauses: (() => void)[] = [];
  const sleep = (_: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      pauses.push(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  return { clock: { sleep }, pauses };
}

async function settled(): Promise<void> {
  for (let turns = 0; turns < 10; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe("a log's writer", () => {
  it("gives indexes in the order of asking, in few batches, and the log verifies", async () => {
    const store = new MemoryLogStore();
    await using writer = await open(store);
    const first = await Promise.all(records(1500).map((record) => writer.append(record)));
    expect(first).toEqual(Array.from({ length: 1500 }, (_, index) => index));
    expect(store.batches).toEqual([1024, 476]);
    expect(await writer.append(recordOf(1500))).toBe(1500);
    expect(Buffer.from(store.entries[1500] ?? [])).toEqual(encodeRecord(recordOf(1500)));
    await writer[Symbol.asyncDispose]();
    expect(await problemsOf(store)).toEqual([]);
    expect(writer.checkpoint?.size).toBe(1501);
  });

  it("resolves a record only when it is durable", async () => {
    const store = new MemoryLogStore();
    await using writer = await open(store);
    let isDone = false;
    const appended = writer.append(recordOf(0)).then(() => (isDone = true));
    await Promise.resolve();
    expect([isDone, store.entries.length, writer.size]).toEqual([false, 0, 0]);
    await appended;
    expect([store.entries.length, writer.size]).toEqual([1, 1]);
  });

  it("goes on where it was, across many openings", async () => {
    const store = new MemoryLogStore();
    for (const [from, count] of [
      [0, 1],
      [1, 254],
      [255, 1],
      [256, 1],
      [257, 600],
      [857, 0],
    ] as const) {
      await writeLog(records(count, from), signer, store);
      expect(await problemsOf(store)).toEqual([]);
    }
    expect((await verifyLog(await exportLog(store), { vkey })).size).toBe(857);
  });

  it("signs at once when something is new, then at most once in the pause, and nothing when nothing is new", async () => {
    const store = new MemoryLogStore();
    const { clock, pauses } = handClock();
    await using writer = await open(store, { clock });
    const sizes = (): number[] => store.notes.map((note) => verifyCheckpoint(note, [signer.key]).size);
    await settled();
    expect(sizes()).toEqual([0]);
    for (const record of records(3)) await writer.append(record);
    await settled();
    expect(sizes()).toEqual([0]);
    pauses.shift()?.();
    await settled();
    expect(sizes()).toEqual([0, 3]);
    pauses.shift()?.();
    await settled();
    await writer.append(recordOf(3));
    await settled();
    expect(sizes()).toEqual([0, 3, 4]);
    expect(pauses).toHaveLength(1);
    await writer[Symbol.asyncDispose]();
    expect(sizes()).toEqual([0, 3, 4]);
  });

  it("signs what is new within some 200 ms", async () => {
    const store = new MemoryLogStore();
    await using writer = await open(store);
    await settled();
    const from = performance.now();
    const index = await writer.append(recordOf(0));
    const receipt = await writer.receipt(index);
    expect(performance.now() - from).toBeLessThan(1500);
    expect(verifyReceipt(receipt, vkey).record).toEqual(recordOf(0));
  });

  it("refuses a bad record alone", async () => {
    const store = new MemoryLogStore();
    await using writer = await open(store);
    const bad = recordOf(1, { id: "" });
    const codes = await Promise.all(
      [recordOf(0), bad, recordOf(2)].map((record) => rejectionOf(writer.append(record))),
    );
    expect(codes).toEqual(["accepted", "RECORD_MALFORMED", "accepted"]);
    expect(store.entries).toHaveLength(2);
  });

  it("AUD-D07: a failed append refuses all of its batch and says so; the chain is sound when there is space again", async () => {
    const store = new MemoryLogStore();
    const failures: unknown[] = [];
    await using writer = await open(store, { onFailure: (error) => failures.push(error) });
    await Promise.all(records(300).map((record) => writer.append(record)));
    store.fault = "before";
    const codes = await Promise.all(records(5, 300).map((record) => rejectionOf(writer.append(record))));
    expect(codes).toEqual(Array(5).fill("LOG_UNAVAILABLE"));
    expect([writer.isHealthy, writer.size, failures.length]).toEqual([false, 300, 1]);
    expect(await writer.append(recordOf(305))).toBe(300);
    expect(writer.isHealthy).toBe(true);
    await writer[Symbol.asyncDispose]();
    expect(await problemsOf(store)).toEqual([]);
  });

  it("AUD-D07: goes on refusing while the store is away", async () => {
    const store = new MemoryLogStore();
    await using writer = await open(store);
    store.isDown = true;
    for (const record of records(3)) expect(await rejectionOf(writer.append(record))).toBe("LOG_UNAVAILABLE");
    expect(writer.isHealthy).toBe(false);
    store.isDown = false;
    expect(await writer.append(recordOf(3))).toBe(0);
    expect(writer.isHealthy).toBe(true);
  });

  it("takes up a batch that became durable although its append failed", async () => {
    const store = new MemoryLogStore();
    await using writer = await open(store);
    await Promise.all(records(250).map((record) => writer.append(record)));
    store.fault = "after";
    const lost = await Promise.all(records(10, 250).map((record) => rejectionOf(writer.append(record))));
    expect(new Set(lost)).toEqual(new Set(["LOG_UNAVAILABLE"]));
    expect(await writer.append(recordOf(260))).toBe(260);
    await writer[Symbol.asyncDispose]();
    expect(await problemsOf(store)).toEqual([]);
    expect(store.entries).toHaveLength(261);
  });

  it("does not write beside another writer", async () => {
    const store = new MemoryLogStore();
    await using one = await open(store);
    await using two = await open(store);
    await one.append(recordOf(0));
    expect(await rejectionOf(two.append(recordOf(1)))).toBe("LOG_UNAVAILABLE");
    await one[Symbol.asyncDispose]();
    await two[Symbol.asyncDispose]();
    expect(store.entries).toHaveLength(1);
  });

  it("AUD-D05: does not open a store that was rolled back, cut or changed behind a signed checkpoint", async () => {
    const store = await writeLog(records(300), signer);
    const signed = store.notes.at(-1) ?? "";
    const older = await writeLog(records(290), signer);
    expect(await rejectionOf(open(older, { trustedCheckpoint: signed }))).toBe("LOG_INCONSISTENT");
    await (await open(store, { trustedCheckpoint: signed }))[Symbol.asyncDispose]();
    const cut = await writeLog(records(300), signer);
    cut.entries.length = 299;
    expect(await rejectionOf(open(cut))).toBe("LOG_INCONSISTENT");
    const changed = await writeLog(records(300), signer);
    changed.entries[299] = Buffer.from("{}");
    expect(await rejectionOf(open(changed))).toBe("LOG_INCONSISTENT");
    const others = await writeLog(records(300), newSigner());
    expect(await rejectionOf(open(others))).toBe("KEY_UNKNOWN");
    const withoutTiles = await writeLog(records(300), signer);
    withoutTiles.tiles.clear();
    expect(await rejectionOf(open(withoutTiles))).toBe("TILE_MISSING");
  });

  it("tells when no checkpoint can be signed, and tries again", async () => {
    const store = new MemoryLogStore();
    let fails = 2;
    const shaky = {
      key: signer.key,
      sign: (data: Uint8Array) => {
        if (fails > 0) throw new Error(`no key (${String((fails -= 1))})`);
        return signer.sign(data);
      },
    };
    const failures: unknown[] = [];
    await using writer = await LogWriter.open({
      store,
      signer: shaky,
      clock: realClock,
      checkpointEveryMs: 5,
      onFailure: (error) => failures.push(error),
    });
    const index = await writer.append(recordOf(0));
    expect(await rejectionOf(writer.receipt(index))).toBe("LOG_UNAVAILABLE");
    while (writer.checkpoint?.size !== 1) await realClock.sleep(1, new AbortController().signal);
    expect(verifyReceipt(await writer.receipt(index), vkey).record).toEqual(recordOf(0));
    expect(failures).toHaveLength(2);
  });

  it("writes what waits when it is closed, and nothing after that", async () => {
    const store = new MemoryLogStore();
    const writer = await open(store);
    const waiting = records(10).map((record) => writer.append(record));
    await Promise.all([writer[Symbol.asyncDispose](), writer[Symbol.asyncDispose]()]);
    expect(await Promise.all(waiting)).toHaveLength(10);
    expect(verifyCheckpoint(store.notes.at(-1) ?? "", [signer.key]).size).toBe(10);
    expect(await rejectionOf(writer.append(recordOf(10)))).toBe("LOG_CLOSED");
    expect(await rejectionOf(writer.receipt(3))).toBe("accepted");
    await expect(writer.receipt(10)).rejects.toThrow(RangeError);
  });

  it("does not queue without end", async () => {
    const store = new MemoryLogStore();
    await using writer = await open(store);
    const large = recordOf(0, { body: { text: "x".repeat(60_000) } });
    const codes = await Promise.all(Array.from({ length: 1200 }, () => rejectionOf(writer.append(large))));
    const busy = codes.filter((code) => code === "LOG_BUSY").length;
    expect(busy).toBeGreaterThan(50);
    expect(codes.filter((code) => code === "accepted")).toHaveLength(1200 - busy);
    expect(await rejectionOf(writer.append(recordOf(1)))).toBe("accepted");
  });
});
