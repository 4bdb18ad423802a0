// SPDX-License-Identifier: Apache-2.0

/** Random numbers that a seed repeats (xorshift32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  /** A whole number from 0 to below `max`. */
  below(max: number): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state >>> 0;
    return this.#state % max;
  }

  pick<T>(values: readonly [T, ...T[]] | readonly T[]): T {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new RangeError("nothing to pick from");
    return value;
  }
}

type Change = (bytes: Buffer, random: Random) => Buffer;

const interesting = [0, 1, 0x7f, 0x80, 0xff] as const;

const changes: readonly Change[] = [
  // One bit.
  (bytes, random) => {
    const at = random.below(bytes.length || 1);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
    return bytes;
  },
  // One byte.
  (bytes, random) => {
    bytes[random.below(bytes.length || 1)] = random.pick(interesting);
    return bytes;
  },
  // The end is missing.
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  // A part is missing.
  (bytes, random) => {
    const [from, length] = [random.below(bytes.length + 1), random.below(64)];
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + length)]);
  },
  // A part comes again, up to a hundred times.
  (bytes, random) => {
    const [from, length] = [random.below(bytes.length + 1), random.below(256)];
    const part = bytes.subarray(from, from + length);
    const copies = Array.from({ length: 1 + random.below(100) }, () => part);
    return Buffer.concat([bytes.subarray(0, from), ...copies, bytes.subarray(from)]);
  },
  // Something foreign is put in.
  (bytes, random) => {
    const at = random.below(bytes.length + 1);
    const part = Buffer.from(Array.from({ length: 1 + random.below(16) }, () => random.below(256)));
    return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)]);
  },
];

/** A changed copy, at most 4 MiB. */
export function mutate(original: Buffer, random: Random): Buffer {
  let bytes = Buffer.from(original);
  for (let count = 1 + random.below(4); count > 0; count--) bytes = Buffer.from(random.pick(changes)(bytes, random));
  return bytes.subarray(0, 4_194_304);
}
