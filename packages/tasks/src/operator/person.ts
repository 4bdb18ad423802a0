// SPDX-License-Identifier: Apache-2.0
import type { Operator } from "./operator.ts";

/** Names that differ only in case, width or composition name one person: better one refusal too many. */
function canonicalName(name: string): string {
  return name.normalize("NFKC").trim().toLowerCase().normalize("NFKC");
}

/** All that an operator is known by; keys can't be names, they have a space in them. */
function marksOf({ name, aliases, spiffeIds, keys }: Operator): readonly string[] {
  return [...[name, ...aliases, ...spiffeIds].map(canonicalName), ...keys];
}

/** Every mark of the person who has this one: also those of other entries that share a mark with theirs. */
function personOf(mark: string, operators: readonly Operator[]): ReadonlySet<string> {
  const marks = new Set([mark]);
  let size = 0;
  while (marks.size > size) {
    size = marks.size;
    for (const operator of operators) {
      const own = marksOf(operator);
      if (own.some((each) => marks.has(each))) for (const each of own) marks.add(each);
    }
  }
  return marks;
}

/** An operator whom a name, alias or SPIFFE ID means, removed ones too; undefined = nobody registered. */
export function findPerson(name: string, operators: readonly Operator[]): Operator | undefined {
  const canonical = canonicalName(name);
  return operators.find((operator) => marksOf(operator).includes(canonical));
}

/** Whether two names, aliases or SPIFFE IDs mean the same person, as far as `operators` know; who shares a name or key with another is that other. */
export function isPerson(a: string, b: string, operators: readonly Operator[]): boolean {
  return personOf(canonicalName(a), operators).has(canonicalName(b));
}

/** Of stored operators the one who shares a name, alias, SPIFFE ID or key with another: two entries for one person are not allowed. */
export function findConflict(operator: Operator, stored: readonly Operator[]): Operator | undefined {
  const marks = new Set(marksOf(operator));
  return stored.find((other) => other.name !== operator.name && marksOf(other).some((mark) => marks.has(mark)));
}
