// SPDX-License-Identifier: Apache-2.0
import type { FuzzTarget } from "./fuzz-target.ts";

/** Longest input that is made, in bytes. */
export const maxFuzzInput = 1_048_576;

/** xorshift32, whole numbers below an argument: the same seed gives the same run, up to the keys in the corpus. */
export function generator(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** A seed after some changes: octets set, flipped, cut out, doubled, a word put in, another seed's tail. */
export function mutate(
  { seeds, words }: Pick<FuzzTarget, "seeds" | "words">,
  random: (below: number) => number,
): Uint8Array {
  const pick = <T>(list: readonly T[], otherwise: T): T => list[random(list.length)] ?? otherwise;
  let bytes: Buffer = Buffer.from(pick(seeds, new Uint8Array()));
  for (let steps = 1 + random(5); steps > 0; steps -= 1) {
    const at = random(bytes.length + 1);
    const to = Math.min(bytes.length, at + 1 + random(random(8) === 0 ? 400 : 8));
    const put = (middle: Uint8Array, from = at): Buffer =>
      Buffer.concat([bytes.subarray(0, at), middle, bytes.subarray(from)]);
    const kind = random(8);
    if (kind < 2) bytes = put(Buffer.of(random(256)), at + 1);
    else if (kind === 2) bytes = put(Buffer.of((bytes[at] ?? 0) ^ (1 << random(8))), at + 1);
    else if (kind === 3) bytes = put(Buffer.alloc(0), to);
    else if (kind === 4)
      bytes = put(Buffer.concat(Array.from({ length: 1 + random(20) }, () => bytes.subarray(at, to))));
    else if (kind < 7) bytes = put(Buffer.from(pick(words, new Uint8Array())));
    else bytes = put(Buffer.from(pick(seeds, new Uint8Array())).subarray(at), bytes.length);
  }
  return bytes.subarray(0, maxFuzzInput);
}
