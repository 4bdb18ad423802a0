// SPDX-License-Identifier: Apache-2.0
import { encodeEntryBundle, encodeRecord, LogWriter, tilePath } from "../src/index.ts";
import { exportLog, newSigner, realClock, recordOf, writeLog } from "./memory-log.ts";

type Target = "note" | "key" | "checkpoint" | "receipt" | "record" | "path" | "bundle" | "tile" | "log";

/** Well-formed inputs to begin with, by target, and the key that they verify with. */
interface Seeds {
  readonly vkey: string;
  readonly inputs: Readonly<Record<Target, readonly Uint8Array[]>>;
}

/** Pieces of a small log. */
export async function openSeeds(): Promise<Seeds> {
  const signer = newSigner();
  const records = Array.from({ length: 300 }, (_, number) => recordOf(number));
  records[7] = recordOf(7, { task: "t-1", tool: "a\u2028\n\u20ac", body: { deep: [[[{ x: 1e21, y: -0.5 }]]] } });
  const store = await writeLog(records, signer);
  const log = await exportLog(store);
  await using writer = await LogWriter.open({ store, signer, clock: realClock });
  const note = Buffer.from(log.get("checkpoint") ?? []);
  const vkey = signer.key.toString();
  return {
    vkey,
    inputs: {
      note: [note, Buffer.from("hello\n\nworld\n\n\u2014 a AAAAAAE=\n")],
      key: [Buffer.from(vkey)],
      checkpoint: [note.subarray(0, note.indexOf("\n\n") + 1)],
      receipt: [Buffer.from(await writer.receipt(7)), Buffer.from(await writer.receipt(299))],
      record: records.slice(6, 9).map(encodeRecord),
      path: [
        { level: 0, index: 1_234_067, width: 7 } as const,
        { level: "entries", index: 5, width: 256 } as const,
      ].map((path) => Buffer.from(tilePath(path))),
      bundle: [encodeEntryBundle(records.slice(0, 3).map(encodeRecord))],
      tile: [log.get(tilePath({ level: 0, index: 1, width: 44 })) ?? Buffer.alloc(0)],
      log: [note, log.get(tilePath({ level: "entries", index: 1, width: 44 })) ?? Buffer.alloc(0)],
    },
  };
}
