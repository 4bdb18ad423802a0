// SPDX-License-Identifier: Apache-2.0

/** What was done to entries, and what a judge has to say: `at` is the first entry concerned. */
export interface Damage {
  readonly id: string;
  readonly what: string;
  readonly code: string;
  readonly at: number;
  readonly entries: readonly Uint8Array[];
}

function flipped(entry: Uint8Array, place: number): Uint8Array {
  return entry.with(place, (entry[place] ?? 0) ^ 1);
}

function insertion(entries: readonly Uint8Array[], at: number): Damage {
  const put = flipped(entries[0] ?? new Uint8Array(), 7);
  const what = `an entry is inserted at ${String(at)}`;
  return { id: "AUD-D02", what, code: "RECORD_INSERTED", at, entries: entries.toSpliced(at, 0, put) };
}

/** Every way to change the entries of a log whose tiles and checkpoint stay; `places` are the entries that are hit. */
export function damages(entries: readonly Uint8Array[], places: readonly number[]): Damage[] {
  const last = entries.length - 1;
  const of = (at: number): Uint8Array => entries[at] ?? new Uint8Array();
  const hit = places.flatMap((at): Damage[] => [
    {
      id: "AUD-D01",
      what: `a byte of entry ${String(at)} is flipped`,
      code: "RECORD_CHANGED",
      at,
      entries: entries.with(at, flipped(of(at), (at * 31) % of(at).length)),
    },
    {
      id: "AUD-D02",
      what: `entry ${String(at)} is dropped`,
      code: at === last ? "TRUNCATED" : "RECORD_DROPPED",
      at,
      entries: entries.toSpliced(at, 1),
    },
    insertion(entries, at === last ? at + 1 : at),
  ]);
  const [first = 0] = places;
  return [
    ...hit,
    {
      id: "AUD-D02",
      what: `entry ${String(first)} is doubled`,
      code: "RECORD_INSERTED",
      at: first + 1,
      entries: entries.toSpliced(first, 0, of(first)),
    },
    {
      id: "AUD-D02",
      what: `entries ${String(first)} and ${String(first + 1)} are swapped`,
      code: "RECORD_REORDERED",
      at: first,
      entries: entries.with(first, of(first + 1)).with(first + 1, of(first)),
    },
    {
      id: "AUD-D02",
      what: `entry ${String(first)} is moved to the end`,
      code: "RECORD_DROPPED",
      at: first,
      entries: [...entries.toSpliced(first, 1), of(first)],
    },
    ...[1, 5].map((count) => ({
      id: "AUD-D03",
      what: `the last ${String(count)} entries are cut off`,
      code: "TRUNCATED",
      at: entries.length - count,
      entries: entries.slice(0, -count),
    })),
  ];
}
