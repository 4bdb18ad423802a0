// SPDX-License-Identifier: Apache-2.0
import { StoredLog, verifyLog, verifyReceipt } from "@mayfly/journal";
import { describe, expect, it } from "vitest";
import { type Datastore, openDatastore } from "../src/index.ts";
import { Folder } from "./folder.ts";
import { callRecord, claimOf, openRecord, signer, storeTask } from "./record-samples.ts";

const memory = { file: ":memory:", trustDomain: "example.org" };
const vkey = signer.key.toString();

async function problemsOf(store: Datastore): Promise<string[]> {
  return (await verifyLog(new StoredLog(store.record), { vkey })).problems.map(({ code }) => code);
}

describe("the record", () => {
  it("is written, verified and proven from the store, over many openings", async () => {
    using folder = new Folder();
    const options = { file: folder.file(), trustDomain: "example.org" };
    let size = 0;
    for (const count of [1, 254, 2, 600, 0]) {
      await using store = await openDatastore(options);
      await using record = await openRecord(store);
      const ids = Array.from({ length: count }, (_, n) => `r-${size + n}`);
      const indexes = await Promise.all(ids.map((id) => record.append(callRecord(id))));
      expect(indexes).toEqual(ids.map((_, n) => size + n));
      size += count;
      const { record: proven } = verifyReceipt(await record.receipt(size - 1), vkey);
      expect(proven.id).toBe(`r-${size - 1}`);
    }
    await using store = await openDatastore(options);
    expect(await problemsOf(store)).toEqual([]);
    expect((await store.record.load()).size).toBe(size);
  });

  it("is found again by record and task", async () => {
    await using store = await openDatastore(memory);
    await using record = await openRecord(store);
    for (const task of ["t-a", "t-b", undefined, "t-a", "t-a"]) {
      await record.append(callRecord(`r-${record.size % 3}`, { task, phase: record.size < 3 ? "intent" : "outcome" }));
    }
    expect(await store.record.find("r-0")).toEqual([0, 3]);
    expect(await store.record.find("r-2")).toEqual([2]);
    expect(await store.record.find("R-0")).toEqual([]);
    expect(await store.record.ofTask("t-a", { from: 0, to: 5, limit: 2 })).toEqual([0, 3]);
    expect(await store.record.ofTask("t-a", { from: 1, to: 4, limit: 9 })).toEqual([3]);
    expect(await store.record.ofTask("t-b", { from: 0, to: 5, limit: 9 })).toEqual([1]);
    await expect(store.record.readEntries(0, 257)).rejects.toThrow(RangeError);
  });

  it("refuses a second writer, which finds its place again afterwards", async () => {
    await using store = await openDatastore(memory);
    await using one = await openRecord(store);
    await using other = await openRecord(store);
    await one.append(callRecord("a"));
    await expect(other.append(callRecord("b"))).rejects.toHaveProperty("code", "LOG_UNAVAILABLE");
    expect(await other.append(callRecord("c"))).toBe(1);
    await other[Symbol.asyncDispose]();
    expect(await problemsOf(store)).toEqual([]);
  });

  it("has an act's intent before the act, while both share commits with others", async () => {
    await using store = await openDatastore(memory);
    await using record = await openRecord(store);
    const task = await storeTask(store);
    const call = async (id: string): Promise<void> => {
      await record.append(callRecord(id, { task: task.id, phase: "intent", decision: "allow" }));
      expect(await store.calls.get(id)).toBeUndefined();
      expect(await store.budgets.take(claimOf(task, id))).toEqual({ outcome: "taken", repeated: false });
      await record.append(callRecord(id, { task: task.id, phase: "outcome" }));
    };
    await Promise.all(Array.from({ length: 300 }, (_, n) => call(`c-${n}`)));
    await record[Symbol.asyncDispose]();
    expect(await problemsOf(store)).toEqual([]);
    expect(await store.calls.list(task.id)).toHaveLength(300);
  });
});
