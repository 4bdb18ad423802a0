// SPDX-License-Identifier: Apache-2.0
import { setImmediate } from "node:timers/promises";
import { type FuzzTarget, isTaken } from "./fuzz-target.ts";
import { generator, mutate } from "./mutate.ts";

/** What is asked of one hunt. */
export interface FuzzJob {
  readonly name: string;
  readonly seconds: number;
  readonly seed: number;
  /** Of the run under way, for who watches: its number, 0 when all are done, and the length of the input. */
  readonly state: Float64Array<SharedArrayBuffer>;
  readonly input: Uint8Array<SharedArrayBuffer>;
}

/** What a hunt found: nothing in so many runs, or an input (base64). */
export type FuzzOutcome =
  | {
      readonly runs: number;
      /** Inputs that the parser took although they were changed. */
      readonly taken: number;
      /** CPU time of the thread. */
      readonly slowest_ms: number;
    }
  | { readonly error: string; readonly input?: string };

/** CPU time that one input may take: what a busy machine makes of it is no finding. */
export const slowMs = 1_000;

/** Feeds a target with changed inputs, until one is a finding or the time is over. */
export async function hunt({ name, seconds, seed, state, input }: FuzzJob, target: FuzzTarget): Promise<FuzzOutcome> {
  const random = generator(seed);
  const until = performance.now() + seconds * 1_000;
  let [runs, taken, slowestMs] = [0, 0, 0];
  while (performance.now() < until) {
    const bytes = mutate(target, random);
    const found = (error: string): FuzzOutcome => ({ error, input: Buffer.from(bytes).toString("base64") });
    input.set(bytes);
    state.set([++runs, bytes.length]);
    const from = process.threadCpuUsage();
    try {
      if (await isTaken(target, bytes)) taken += 1;
    } catch (error) {
      return found(`${name}: ${String(error)}`);
    }
    const { user, system } = process.threadCpuUsage(from);
    slowestMs = Math.max(slowestMs, (user + system) / 1_000);
    if (slowestMs > slowMs) return found(`took ${String(Math.round(slowestMs))} ms`);
    // Timers that parsers set have to fall due now and then.
    if (runs % 256 === 0) await setImmediate();
  }
  state[0] = 0;
  return { runs, taken, slowest_ms: Math.round(slowestMs) };
}
