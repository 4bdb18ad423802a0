// SPDX-License-Identifier: Apache-2.0
import { parseRecord, StoredLog, verifyLog } from "@mayfly/journal";
import { describe, expect, it } from "vitest";
import { type Datastore, openDatastore } from "../src/index.ts";
import { crashedRound, rounds } from "./crashed-round.ts";
import { Folder } from "./folder.ts";
import { openRecord, signer } from "./record-samples.ts";

const writer = new URL("record-crash-writer.ts", import.meta.url);

/** Where a record is that was acknowledged; undefined when it is not what it was. */
async function isThere(store: Datastore, phase: string, id: string, index: number): Promise<boolean> {
  const [entry] = await store.record.readEntries(index, index + 1);
  const record = entry === undefined ? undefined : parseRecord(entry);
  return record?.id === id && record.phase === phase;
}

describe("a process killed while it appends to the record", () => {
  it(`AUD-D08 loses nothing that was acknowledged, did nothing unrecorded, and the log verifies, ${rounds} times`, {
    timeout: rounds * 6_000,
  }, async () => {
    using folder = new Folder();
    const file = folder.file();
    const lines: string[] = [];
    for (let round = 0; round < rounds; round++) lines.push(...(await crashedRound(writer, file, round)));
    const facts = lines.map((line) => line.split(" "));
    const of = (kind: string): string[][] => facts.filter(([each]) => each === kind);
    expect(of("open")).toHaveLength(rounds);
    expect(of("outcome").length).toBeGreaterThan(rounds);
    await using store = await openDatastore({ file, trustDomain: "example.org" });
    await (await openRecord(store))[Symbol.asyncDispose]();
    for (const phase of ["intent", "outcome"]) {
      const lost: string[] = [];
      for (const [, id = "", index = ""] of of(phase)) {
        if (!(await isThere(store, phase, id, Number(index)))) lost.push(`${phase} ${id}`);
      }
      expect(lost).toEqual([]);
    }
    // Acknowledged or not: what was done has its intent, and what was acknowledged was done.
    const tasks = await store.tasks.list({}, { limit: 1e6 });
    const calls = (await Promise.all(tasks.map(({ id }) => store.calls.list(id)))).flat();
    const unrecorded: string[] = [];
    for (const { id } of calls) if ((await store.record.find(id)).length === 0) unrecorded.push(id);
    expect(unrecorded).toEqual([]);
    const made = new Set(calls.map(({ id }) => id));
    expect(of("act").filter(([, id = ""]) => !made.has(id))).toEqual([]);
    const signed = of("signed").map(([, note = ""]) => Buffer.from(note, "hex").toString());
    const vkey = signer.key.toString();
    for (const trustedCheckpoint of new Set([signed[0], signed[signed.length >> 1], signed.at(-1)])) {
      const { size, problems } = await verifyLog(new StoredLog(store.record), { vkey, trustedCheckpoint });
      expect(size).toBe((await store.record.load()).size);
      // Whoever is killed between intent and outcome leaves that gap, and only that.
      expect(problems.filter(({ code }) => code !== "INTENT_WITHOUT_OUTCOME")).toEqual([]);
    }
    console.log(
      `${rounds} kills: ${of("intent").length} intents, ${calls.length} calls, ${of("outcome").length} outcomes`,
    );
  });
});
