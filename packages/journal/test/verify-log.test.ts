// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf, rejectionOf } from "./codes.ts";
import { exportLog, newSigner, recordOf, Resources, writeLog } from "./memory-log.ts";
import { encodeEntryBundle, readEntryBundle } from "../src/entry-bundle.ts";
import type { LogRecord } from "../src/record.ts";
import { tilePath, tileWidth, widthInTree } from "../src/tile.ts";
import { type LogVerdict, verifyLog, type VerifyLogOptions } from "../src/verify-log.ts";

const signer = newSigner();
const vkey = signer.key.toString();
const size = 700;
const records = Array.from({ length: size }, (_, number) => recordOf(number));
const sound = await exportLog(await writeLog(records, signer));

function noteOf(log: Resources): string {
  return Buffer.from(log.get("checkpoint") ?? []).toString();
}

function verify(log: Resources, options: Partial<VerifyLogOptions> = {}): Promise<LogVerdict> {
  return verifyLog(log, { vkey, ...options });
}

function found({ problems }: LogVerdict): string[] {
  return problems.map(({ code, index }) => (index === undefined ? code : `${code} ${String(index)}`));
}

function bundlePath(index: number): string {
  return tilePath({ level: "entries", index, width: widthInTree(0, index, size) });
}

/** A copy of the log whose list of entries was changed; it is cut into bundles as before, and the rest is as before. */
function withEntries(change: (entries: Uint8Array[]) => void): Resources {
  const bundles = [0, 1, 2].map((index) => readEntryBundle(sound.get(bundlePath(index)) ?? new Uint8Array()).entries);
  const entries = bundles.flat();
  change(entries);
  const copy = new Resources(sound);
  for (const index of [0, 1, 2]) {
    const end = index === 2 ? Math.max(entries.length, 513) : (index + 1) * tileWidth;
    copy.set(bundlePath(index), encodeEntryBundle(entries.slice(index * tileWidth, end)));
  }
  return copy;
}

const at = fc.nat(size - 2);

describe("a log", () => {
  it("that is sound has no problems, with and without an earlier checkpoint", async () => {
    const half = await exportLog(await writeLog(records.slice(0, 333), signer));
    expect(await verify(sound)).toEqual({ size, checkpoint: noteOf(sound), problems: [] });
    for (const trustedCheckpoint of [noteOf(half), noteOf(sound)]) {
      expect(found(await verify(sound, { trustedCheckpoint }))).toEqual([]);
    }
    const empty = await exportLog(await writeLog([], signer));
    expect(await verify(empty)).toMatchObject({ size: 0, problems: [] });
  });

  it("AUD-D01: any octet of any record changed: the record is named", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(size - 1), fc.nat(), fc.integer({ min: 1, max: 255 }), async (at, octet, change) => {
        const log = withEntries((entries) => {
          const entry = Uint8Array.from(entries[at] ?? []);
          entry[octet % entry.length] = (entry[octet % entry.length] ?? 0) ^ change;
          entries[at] = entry;
        });
        expect(found(await verify(log))).toEqual([`RECORD_CHANGED ${String(at)}`]);
      }),
      { numRuns: 25 },
    );
  });

  it("AUD-D01: any octet of any of its resources changed: it is found", async () => {
    const paths = [...sound.keys()];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...paths),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (path, at, change) => {
          const log = new Resources(sound);
          const bytes = Uint8Array.from(log.get(path) ?? []);
          bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ change;
          log.set(path, bytes);
          expect((await verify(log)).problems).not.toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("AUD-D02: a record deleted, doubled, inserted or out of order: the first one that is not in its place is named", async () => {
    await fc.assert(
      fc.asyncProperty(at, async (at) => {
        const from = (change: (entries: Uint8Array[]) => void): Promise<string[]> =>
          verify(withEntries(change)).then(found);
        const i = String(at);
        expect(await from((entries) => entries.splice(at, 1))).toEqual([`RECORD_DROPPED ${i}`]);
        const alien = Buffer.from("{}");
        expect(await from((entries) => entries.splice(at, 0, alien))).toEqual([`RECORD_INSERTED ${i}`]);
        const doubled = await from((entries) => entries.splice(at, 0, entries[at] ?? alien));
        expect(doubled).toEqual([`RECORD_INSERTED ${String(at + 1)}`]);
        const swapped = await from((entries) => entries.splice(at, 2, entries[at + 1] ?? alien, entries[at] ?? alien));
        expect(swapped).toEqual([`RECORD_REORDERED ${i}`]);
      }),
      { numRuns: 12 },
    );
    const last = await verify(withEntries((entries) => entries.splice(698, 0, entries[698] ?? Buffer.alloc(0))));
    expect(found(last)).toEqual(["RECORD_INSERTED 699"]);
    const far = await verify(withEntries((entries) => entries.unshift(...entries.splice(200, 1))));
    expect(found(far)).toEqual(["RECORD_INSERTED 0"]);
    const swapped = withEntries((all) => {
      [all[20], all[90]] = [all[90] ?? Buffer.alloc(0), all[20] ?? Buffer.alloc(0)];
    });
    expect(found(await verify(swapped))).toEqual(["RECORD_REORDERED 20"]);
  });

  it("AUD-D02: bytes behind a bundle's last record are found", async () => {
    for (const [index, first] of [
      [0, 256],
      [1, 512],
      [2, 700],
    ] as const) {
      const log = new Resources(sound);
      const more = encodeEntryBundle([Buffer.from("{}")]);
      log.set(bundlePath(index), Buffer.concat([log.get(bundlePath(index)) ?? more, more]));
      expect(found(await verify(log))).toEqual([`RECORD_INSERTED ${String(first)}`]);
    }
  });

  it("AUD-D03: records cut off at the end, with or without the checkpoint", async () => {
    for (const keep of [699, 600, 513]) {
      const log = withEntries((entries) => entries.splice(keep));
      expect(found(await verify(log))).toEqual([`TRUNCATED ${String(keep)}`]);
    }
    const lost = new Resources(sound);
    lost.delete(bundlePath(1));
    expect(found(await verify(lost))).toEqual(["TRUNCATED 256"]);
    const shorter = await exportLog(await writeLog(records.slice(0, 650), signer));
    expect(found(await verify(shorter))).toEqual([]);
    expect(found(await verify(shorter, { trustedCheckpoint: noteOf(sound) }))).toEqual(["ROLLED_BACK 650"]);
  });

  it("AUD-D04: rewritten without the log's key, under whatever name", async () => {
    const rewritten = records.map((record) => ({ ...record, actor: "mallory" }));
    const forged = await exportLog(await writeLog(rewritten, newSigner()));
    expect(found(await verify(forged))).toEqual(["KEY_UNKNOWN"]);
    const oldNote = new Resources(forged);
    oldNote.set("checkpoint", sound.get("checkpoint") ?? Buffer.alloc(0));
    // Records and tiles agree with one another, and neither with what was signed.
    expect(found(await verify(oldNote))).toEqual(["ROOT_MISMATCH"]);
    const line = noteOf(sound).split("\n\n")[1] ?? "";
    const pasted = new Resources(forged);
    pasted.set("checkpoint", Buffer.from(`${noteOf(forged).split("\n\n")[0] ?? ""}\n\n${line}`));
    expect(found(await verify(pasted))).toEqual(["SIGNATURE_INVALID"]);
    expect((await verify(pasted)).size).toBe(0);
  });

  it("AUD-D05: store and checkpoint rolled back together, against a checkpoint that was kept elsewhere", async () => {
    const kept = noteOf(sound);
    const older = await exportLog(await writeLog(records.slice(0, 100), signer));
    expect(found(await verify(older, { trustedCheckpoint: kept }))).toEqual(["ROLLED_BACK 100"]);
  });

  it("AUD-D05: rolled back and written on differently by who has the key: a fork, at any length", async () => {
    const kept = noteOf(sound);
    for (const count of [0, 1, 300]) {
      const other = Array.from({ length: 100 + count }, (_, number) => recordOf(1000 + number));
      const forked = await exportLog(await writeLog([...records.slice(0, 600), ...other], signer));
      expect(found(await verify(forked))).toEqual([]);
      expect(found(await verify(forked, { trustedCheckpoint: kept }))).toEqual(["FORKED"]);
    }
  });

  it("AUD-D11: the key is the pinned one: a vkey that lies beside the log changes nothing, and a trusted checkpoint is of that key", async () => {
    const attacker = newSigner();
    const forged = await exportLog(await writeLog(records, attacker));
    forged.set("vkey", Buffer.from(attacker.key.toString()));
    expect(found(await verify(forged))).toEqual(["KEY_UNKNOWN"]);
    expect(await rejectionOf(verify(sound, { trustedCheckpoint: noteOf(forged) }))).toBe("KEY_UNKNOWN");
    expect(await rejectionOf(verify(sound, { vkey: "nonsense" }))).toBe("KEY_MALFORMED");
  });

  it("with a record and the tile over it changed together names the range, or the record of a last tile", async () => {
    const other = await exportLog(
      await writeLog(
        records.map((record, at) => (at === 300 ? { ...record, actor: "mallory" } : record)),
        signer,
      ),
    );
    const mixed = (...paths: readonly string[]): Promise<LogVerdict> => {
      const log = new Resources(sound);
      for (const path of paths) log.set(path, other.get(path) ?? Buffer.alloc(0));
      return verify(log);
    };
    const [leaves, above] = [tilePath({ level: 0, index: 1, width: 256 }), tilePath({ level: 1, index: 0, width: 2 })];
    expect(found(await mixed(bundlePath(1)))).toEqual(["RECORD_CHANGED 300"]);
    const both = await mixed(bundlePath(1), leaves);
    expect(found(both)).toEqual(["RECORD_CHANGED 256"]);
    expect(both.problems[0]?.message).toContain("256 to 511");
    expect(found(await mixed(bundlePath(1), leaves, above))).toEqual(["ROOT_MISMATCH"]);
    expect(found(await mixed(leaves))).toEqual(["TILE_CHANGED 256"]);
    expect(found(await mixed(above))).toEqual(["TILE_CHANGED 0"]);
  });

  it("is not judged by tiles that do not lead to the signed root: they may name any record", async () => {
    const flipped = (path: string, position: number): Uint8Array => {
      const bytes = Uint8Array.from(sound.get(path) ?? []);
      bytes[position * 32] = (bytes[position * 32] ?? 0) ^ 1;
      return bytes;
    };
    const broken = (): Resources =>
      withEntries((entries) => {
        entries[300] = Buffer.from("{}");
      });
    const leaves = tilePath({ level: 0, index: 1, width: 256 });
    const falseLeaf = broken();
    falseLeaf.set(leaves, flipped(leaves, 10));
    expect(found(await verify(falseLeaf))).toEqual(["RECORD_CHANGED 256"]);
    const above = tilePath({ level: 1, index: 0, width: 2 });
    const falseEdge = broken();
    falseEdge.set(above, flipped(above, 0));
    expect(found(await verify(falseEdge))).toEqual(["ROOT_MISMATCH"]);
  });

  it("that forked at one length is told as such, whatever else is wrong with it", async () => {
    const forked = await exportLog(await writeLog([...records.slice(0, 699), recordOf(1000)], signer));
    forked.delete(bundlePath(1));
    expect(found(await verify(forked, { trustedCheckpoint: noteOf(sound) }))).toEqual(["FORKED", "TRUNCATED 256"]);
  });

  it("without a tile is found", async () => {
    for (const path of sound.keys()) {
      if (path === "checkpoint" || path.startsWith("tile/entries")) continue;
      const log = new Resources(sound);
      log.delete(path);
      expect((await verify(log)).problems.map(({ code }) => code)).toEqual(["TILE_MISSING"]);
    }
  });

  it.each([
    ["is missing", undefined, "CHECKPOINT_MISSING"],
    ["is empty", "", "CHECKPOINT_MALFORMED"],
    ["is no note", "hello", "CHECKPOINT_MALFORMED"],
    ["is of another size", noteOf(sound).replace("\n700\n", "\n701\n"), "SIGNATURE_INVALID"],
    ["is of another origin", noteOf(sound).replace(/^example.org/, "example.net"), "SIGNATURE_INVALID"],
  ])("whose checkpoint %s can't be believed", async (_, note, code) => {
    const log = new Resources(sound);
    log.delete("checkpoint");
    if (note !== undefined) log.set("checkpoint", Buffer.from(note));
    expect(await verify(log)).toMatchObject({ size: 0, problems: [{ code }] });
  });

  it("passes on what its source throws, and stops on a signal", async () => {
    const source = { read: () => Promise.reject(new Error("no such disk")) };
    await expect(verifyLog(source, { vkey })).rejects.toThrow("no such disk");
    await expect(verify(sound, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/);
    expect(codeOf(() => undefined)).toBe("accepted");
  });
});

describe("the records of a log that is sound otherwise", () => {
  const call = (number: number, id: string, phase: LogRecord["phase"], change: Partial<LogRecord> = {}): LogRecord =>
    recordOf(number, { id, phase, ...(phase === "intent" ? { decision: "allow" as const } : {}), ...change });
  const problemsOf = async (list: readonly LogRecord[], options: Partial<VerifyLogOptions> = {}): Promise<string[]> =>
    found(await verify(await exportLog(await writeLog(list, signer)), options));

  it("make sense: an intent and its outcome, a denial, an event", async () => {
    const list = [
      call(0, "a", "intent"),
      call(1, "b", "intent", { decision: "deny" }),
      call(2, "c", "event"),
      call(3, "a", "outcome"),
    ];
    expect(await problemsOf(list)).toEqual([]);
  });

  it("miss the outcome of what was allowed", async () => {
    const list = [call(0, "a", "intent"), call(1, "b", "intent"), call(2, "b", "outcome")];
    expect(await problemsOf(list)).toEqual(["INTENT_WITHOUT_OUTCOME 0"]);
    expect(await problemsOf(list, { outcomeGraceMs: 21 })).toEqual([]);
    expect(await problemsOf(list, { outcomeGraceMs: 20 })).toEqual(["INTENT_WITHOUT_OUTCOME 0"]);
  });

  it("have an outcome that nobody recorded before, an id twice, a time that ran back", async () => {
    const list = [
      call(0, "a", "outcome"),
      call(1, "b", "event"),
      call(2, "b", "event"),
      call(3, "c", "intent"),
      call(3, "c", "intent"),
      call(4, "c", "outcome"),
      recordOf(10_000),
      recordOf(7000),
      recordOf(6999),
    ];
    expect(await problemsOf(list)).toEqual([
      "OUTCOME_WITHOUT_INTENT 0",
      "DUPLICATE_ID 2",
      "DUPLICATE_ID 4",
      "TIME_RAN_BACK 8",
    ]);
  });
});
