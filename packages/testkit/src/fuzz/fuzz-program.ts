// SPDX-License-Identifier: Apache-2.0
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import type { FuzzTarget } from "./fuzz-target.ts";
import { type FuzzJob, type FuzzOutcome, hunt, slowMs } from "./hunt.ts";
import { maxFuzzInput } from "./mutate.ts";

/**
 * The whole of a program that fuzzes one of `targets`: `node PROGRAM TARGET [SECONDS] [SEED]`; `url` is its `import.meta.url`. It prints
 * one line of JSON: what it did, or, and then ends with 1, the input (base64) that made a parser throw what it may not, break a property,
 * take more than a second of CPU time, or not end at all: a second thread watches. Without a target it prints the names of all.
 */
export async function fuzzProgram(url: string, targets: Readonly<Record<string, FuzzTarget>>): Promise<void> {
  const [name, seconds = "10", seed = String(Date.now() % 0xffffffff)] = process.argv.slice(2);
  if (name === undefined) return print({ targets: Object.keys(targets) });
  const target = targets[name];
  if (target === undefined) throw new TypeError(`no target ${name}; there are: ${Object.keys(targets).join(", ")}`);
  if (!isMainThread) return parentPort?.postMessage(await hunt(workerData as FuzzJob, target), []);
  const result = await watch(url, {
    name,
    seconds: Number(seconds),
    seed: Number(seed),
    state: new Float64Array(new SharedArrayBuffer(16)),
    input: new Uint8Array(new SharedArrayBuffer(maxFuzzInput)),
  });
  print({ target: name, seed: Number(seed), ...result });
  if ("error" in result) process.exitCode = 1;
}

/** Runs the program again, as a thread that hunts. */
async function watch(url: string, job: FuzzJob): Promise<FuzzOutcome> {
  const worker = new Worker(new URL(url), { workerData: job, argv: process.argv.slice(2) });
  let [watched, began] = [0, process.cpuUsage()];
  const found = (error: string): FuzzOutcome => {
    const [, length = 0] = job.state;
    return { error, input: Buffer.from(job.input.slice(0, length)).toString("base64") };
  };
  const outcome = await new Promise<FuzzOutcome>((resolve) => {
    worker.once("message", resolve);
    worker.once("error", (error) => resolve(found(String(error))));
    worker.once("exit", (status) => resolve(found(`the thread ended with ${String(status)}`)));
    setInterval(() => {
      const [run = 0] = job.state;
      const { user, system } = process.cpuUsage(began);
      if (run === 0 || run !== watched) [watched, began] = [run, process.cpuUsage()];
      else if ((user + system) / 1_000 > 5 * slowMs) resolve(found("does not end"));
    }, 500).unref();
  });
  await worker.terminate();
  return outcome;
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
