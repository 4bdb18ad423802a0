// SPDX-License-Identifier: Apache-2.0
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDatastore, StoreError } from "../src/index.ts";

// Run as a process of its own: `fill-disk.ts <folder on a small disk>`. Fills the disk through the store, makes room again, and says on
// standard output as JSON what happened.

const [folder = ""] = process.argv.slice(2);
const options = { file: join(folder, "datastore.db"), trustDomain: "example.org" };
const ballast = join(folder, "ballast");
const written: number[] = [];

async function append(store: Awaited<ReturnType<typeof openDatastore>>, bytes: number): Promise<string> {
  try {
    written.push(await store.issuanceLog.append("a", new Uint8Array(bytes).fill(written.length), 1));
    return "ok";
  } catch (error) {
    return error instanceof StoreError ? error.code : String(error);
  }
}

async function report(): Promise<object> {
  writeFileSync(ballast, new Uint8Array(2 ** 20));
  await using store = await openDatastore(options);
  let first = "ok";
  while (first === "ok") first = await append(store, 50_000);
  const whileFull = [await append(store, 50_000), await append(store, 50_000)];
  const readable = (await store.issuanceLog.read("a", 0, 1e6)).length === written.length;
  rmSync(ballast);
  const start = performance.now();
  let again = await append(store, 50_000);
  while (again !== "ok" && performance.now() - start < 10_000) again = await append(store, 50_000);
  return { first, whileFull, readable, again };
}

const seen = await report();
await using store = await openDatastore(options);
const rows = await store.issuanceLog.read("a", 0, 1e6);
const isIntact = rows.every(
  ({ index, batch }) => written[index] === index && batch.every((octet) => octet === (index & 255)),
);
process.stdout.write(JSON.stringify({ ...seen, acknowledged: written.length, kept: rows.length, isIntact }));
