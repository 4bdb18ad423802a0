// SPDX-License-Identifier: Apache-2.0
import type { FindingCode } from "./finding.ts";

/** What explain knows of one kind of `unix` selector. */
export interface UnixKind {
  /** The finding when a process has another value. */
  readonly code: FindingCode;
  /** The change on the side of the process. */
  readonly change: (value: string) => string;
  /** Set where a process can be without any: what that means. */
  readonly none?: string;
  /** The kind that says the same in another way. */
  readonly twin?: string;
}

const kinds: ReadonlyMap<string, UnixKind> = new Map<string, UnixKind>([
  ["uid", { code: "WRONG_UID", change: (value) => `run the process as uid ${value}`, twin: "user" }],
  [
    "user",
    {
      code: "WRONG_USER",
      change: (value) => `run the process as user ${value}`,
      none: "a user without a name",
      twin: "uid",
    },
  ],
  ["gid", { code: "WRONG_GROUP", change: (value) => `run the process with primary gid ${value}`, twin: "group" }],
  [
    "group",
    {
      code: "WRONG_GROUP",
      change: (value) => `run the process with primary group ${value}`,
      none: "a primary group without a name",
      twin: "gid",
    },
  ],
  [
    "supplementary_gid",
    {
      code: "MISSING_GROUP",
      change: (value) => `add the process to the group with gid ${value}`,
      none: "no supplementary groups",
    },
  ],
  [
    "supplementary_group",
    {
      code: "MISSING_GROUP",
      change: (value) => `add the process to group ${value}`,
      none: "no supplementary groups with a name",
    },
  ],
  ["path", { code: "WRONG_PATH", change: (value) => `start the program from ${value}` }],
  ["sha256", { code: "WRONG_BINARY", change: (value) => `run the build whose SHA-256 is ${value}` }],
]);

/** undefined for a kind that the attestor does not have. */
export function unixKind(name: string): UnixKind | undefined {
  return kinds.get(name);
}

/** The kind that was probably meant: at most two typing errors away; undefined when there is none. */
export function similarUnixKind(name: string): string | undefined {
  const [best] = [...kinds.keys()]
    .map((kind) => ({ kind, distance: editDistance(name.slice(0, 40), kind) }))
    .filter(({ kind, distance }) => distance <= 2 && distance < kind.length)
    .toSorted((a, b) => a.distance - b.distance);
  return best?.kind;
}

/** Letters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const replaced = (row[j] ?? 0) + Number(a[i] !== b[j]);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
