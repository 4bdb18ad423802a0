// SPDX-License-Identifier: Apache-2.0
// A process with an X509Source, for the bench of sources. Prints one JSON line: how long the first SVID took or, with a number of updates
// as argument, what the heap held after a tenth of them and after all.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { X509Source } from "@mayfly/spiffe-client";

const updates = Number(process.argv[2] ?? 0);

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** MiB in use when nothing that can be thrown away is left. */
async function heapMib(): Promise<number> {
  for (let round = 0; round < 5; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage().heapUsed / 1_048_576;
}

const started = performance.now();
const source = await X509Source.open();
const firstMs = performance.now() - started;
if (updates === 0) {
  process.stdout.write(`${JSON.stringify({ firstMs })}\n`);
} else {
  process.stdout.write("open\n");
  let seen = 0;
  let early = 0;
  for await (const { svids } of source.updates()) {
    seen = Number(svids[0]?.hint ?? 0);
    if (early === 0 && seen >= updates / 10) early = await heapMib();
    if (seen >= updates) break;
    process.stdout.write(`${seen}\n`);
  }
  const late = await heapMib();
  process.stdout.write(`${JSON.stringify({ early, late })}\n`);
}
await source[Symbol.asyncDispose]();
