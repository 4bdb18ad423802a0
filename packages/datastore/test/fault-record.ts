// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { JournalError, type LogWriter, StoredLog, verifyLog } from "@mayfly/journal";
import { openDatastore } from "../src/index.ts";
import { callRecord, openRecord, signer } from "./record-samples.ts";

// Run as a process of its own: `fault-record.ts <folder> <fault>`. Appends to the record until it can't be written, takes the fault away,
// goes on, and says on standard output as JSON what happened. `full`: the folder is on a small disk. `write-error`: the files may not
// grow any more, which the kernel reports at the write, as it does a broken disk.

const [folder = "", fault = ""] = process.argv.slice(2);
const file = join(folder, "datastore.db");
const setLimits = "prlimit";
const ballast = join(folder, "ballast");
const acknowledged: string[] = [];
let tried = 0;

/** Sets how large files may become, of this process, from now on. */
function limitFiles(bytes: string): void {
  const { status, stderr } = spawnSync(setLimits, [`--pid=${process.pid}`, `--fsize=${bytes}:unlimited`]);
  if (status !== 0) throw new Error(String(stderr));
}

async function append(record: LogWriter): Promise<string> {
  const id = `r-${tried++}`;
  try {
    const index = await record.append(callRecord(id, { body: { filler: "x".repeat(20_000) } }));
    acknowledged[index] = id;
    return "ok";
  } catch (error) {
    return error instanceof JournalError ? error.code : String(error);
  }
}

async function report(): Promise<object> {
  writeFileSync(ballast, new Uint8Array(5 * 2 ** 19));
  await using store = await openDatastore({ file, trustDomain: "example.org" });
  await using record = await openRecord(store);
  for (let n = 0; n < 10; n++) await append(record);
  if (fault === "write-error") limitFiles(String(statSync(`${file}-wal`).size + 100_000));
  let first = "ok";
  while (first === "ok") first = await append(record);
  const whileBroken = [await append(record), await append(record)];
  const { isHealthy } = record;
  const readable = (await store.record.readEntries(0, 256)).length > 0;
  rmSync(ballast);
  if (fault === "write-error") limitFiles("unlimited");
  const start = performance.now();
  let again = await append(record);
  while (again !== "ok" && performance.now() - start < 10_000) again = await append(record);
  return { first, whileBroken, isHealthy, readable, again, isHealthyAgain: record.isHealthy };
}

const seen = await report();
await using store = await openDatastore({ file, trustDomain: "example.org" });
await (await openRecord(store))[Symbol.asyncDispose]();
const { size, problems } = await verifyLog(new StoredLog(store.record), { vkey: signer.key.toString() });
const kept: boolean[] = [];
for (const [index, id] of acknowledged.entries()) {
  // Nobody was told of the records between: they were durable, and their answer was lost.
  if (id !== undefined) kept.push((await store.record.find(id)).includes(index));
}
const facts = { acknowledged: kept.length, isIntact: kept.every(Boolean) && size >= kept.length, problems };
process.stdout.write(JSON.stringify({ ...seen, ...facts }));
