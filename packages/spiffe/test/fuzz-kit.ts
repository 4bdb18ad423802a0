// SPDX-License-Identifier: Apache-2.0

/** A parser of untrusted input. */
export interface FuzzTarget {
  /** Well-formed inputs to begin with. */
  readonly seeds: readonly Uint8Array[];
  /** Pieces that mean something to it. */
  readonly words: readonly Uint8Array[];
  /** What it may throw, and nothing else. */
  readonly error: abstract new (
    ...args: never[]
  ) => Error;
  /** Runs it with everything that may be asked of the result. @throws the error above; any other for a fault */
  readonly run: (input: Uint8Array) => void;
}

class Fault extends Error {}

/** For what must be true of every result. */
export function assertHolds(condition: boolean, what: string): void {
  if (!condition) throw new Fault(what);
}

/** Longest input that is made. */
export const maxFuzzInput = 1_048_576;

/** Whether it went through; false for the error that it may throw. Others pass. */
export function attempt(action: () => unknown, error: FuzzTarget["error"]): boolean {
  try {
    action();
    return true;
  } catch (thrown) {
    if (thrown instanceof error) return false;
    throw thrown;
  }
}

/** xorshift32: the same seed gives the same run, up to the keys in the corpus. */
export function generator(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Some changes: octets set, flipped, cut out, doubled, a word put in, another seed's tail. */
export function mutate({ seeds, words }: FuzzTarget, random: (below: number) => number): Uint8Array {
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
