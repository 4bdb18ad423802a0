// SPDX-License-Identifier: Apache-2.0

/** What has one text as JSON. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [name: string]: Plain };

/**
 * The JSON text of RFC 8785 for values that the program itself made: members sorted by UTF-16 code units, no space.
 * @throws {RangeError} a number that is not finite, half a surrogate pair
 */
export function canonicalText(value: Plain): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const object = value as { readonly [name: string]: Plain };
    const members = Object.keys(object)
      .sort()
      .map((name) => `${canonicalText(name)}:${canonicalText(object[name] ?? null)}`);
    return `{${members.join(",")}}`;
  }
  if (typeof value === "number" && !Number.isFinite(value)) throw new RangeError("a number that JSON can't carry");
  if (typeof value === "string" && !value.isWellFormed()) throw new RangeError("half a surrogate pair");
  return JSON.stringify(value);
}
