// SPDX-License-Identifier: Apache-2.0
// Fuzzes one parser: node --conditions=@mayfly/source packages/spiffe/test/fuzz.ts TARGET [SECONDS] [SEED]
// Targets: id, jwt, claims, bundle, bundle-map, pem, peer, lists. It prints one line of JSON: what it did, or, and then ends with 1, the input (base64) that made a parser
// throw what it may not, break a property, or take more than a second. A second thread watches, so an endless loop is reported too.
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { binaryTargets } from "./fuzz-binary-targets.ts";
import { attempt, generator, maxFuzzInput, mutate } from "./fuzz-kit.ts";
import { textTargets } from "./fuzz-text-targets.ts";

const targets = { ...textTargets, ...binaryTargets };
const slowMs = 1_000;

interface Job {
  readonly name: string;
  readonly seconds: number;
  readonly seed: number;
  /** Of the run under way: its number, when it began (ms of this process), length of the input. */
  readonly state: Float64Array<SharedArrayBuffer>;
  readonly input: Uint8Array<SharedArrayBuffer>;
}

/** The worker's part. */
function hunt({ name, seconds, seed, state, input }: Job): object {
  const target = targets[name];
  if (target === undefined) throw new TypeError(`no target ${name}; there are: ${Object.keys(targets).join(", ")}`);
  const random = generator(seed);
  const until = performance.now() + seconds * 1_000;
  let [runs, taken, slowestMs] = [0, 0, 0];
  while (performance.now() < until) {
    const bytes = mutate(target, random);
    input.set(bytes);
    state.set([++runs, performance.timeOrigin + performance.now(), bytes.length]);
    const from = performance.now();
    try {
      if (attempt(() => target.run(bytes), target.error)) taken += 1;
    } catch (error) {
      return { error: String(error), input: Buffer.from(bytes).toString("base64") };
    }
    slowestMs = Math.max(slowestMs, performance.now() - from);
    if (slowestMs > slowMs) return { error: `took ${slowestMs} ms`, input: Buffer.from(bytes).toString("base64") };
  }
  state[0] = 0;
  return { runs, taken, slowest_ms: Math.round(slowestMs) };
}

function fuzz(name: string, seconds: number, seed: number): void {
  const state = new Float64Array(new SharedArrayBuffer(24));
  const input = new Uint8Array(new SharedArrayBuffer(maxFuzzInput));
  const job: Job = { name, seconds, seed, state, input };
  const worker = new Worker(new URL(import.meta.url), { workerData: job });
  const finish = (result: object): void => {
    clearInterval(watch);
    console.log(JSON.stringify({ target: name, seed, ...result }));
    if ("error" in result) process.exitCode = 1;
    void worker.terminate();
  };
  const watch = setInterval(() => {
    const [run = 0, began = 0, length = 0] = state;
    if (run === 0 || performance.timeOrigin + performance.now() - began < 5 * slowMs) return;
    finish({ error: "does not end", input: Buffer.from(input.slice(0, length)).toString("base64") });
  }, 500);
  worker.once("message", finish);
  worker.once("error", (error) => finish({ error: String(error) }));
}

if (isMainThread) {
  const [name = "", seconds = "10", seed = String(Date.now() % 0xffffffff)] = process.argv.slice(2);
  fuzz(name, Number(seconds), Number(seed));
} else {
  parentPort?.postMessage(hunt(workerData as Job), []);
}
