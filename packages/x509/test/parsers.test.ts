// SPDX-License-Identifier: Apache-2.0
import { attempt, mutate } from "@mayfly/testkit";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePem, toPem, X509Error } from "../src/index.ts";
import { targets } from "./fuzz-targets.ts";

/** Whole numbers from a list, over and over. */
function numbers(list: readonly number[]): (below: number) => number {
  let at = 0;
  return (below) => (list[at++ % list.length] ?? 0) % below;
}

describe("the parsers of untrusted bytes", () => {
  it.each(Object.entries(targets))("%s: takes its seeds", (_, { seeds, run, error }) => {
    for (const seed of seeds) expect(attempt(() => run(seed), error)).toBe(true);
    expect(seeds.length).toBeGreaterThan(0);
  });

  it.each(Object.entries(targets))("%s: throws nothing but X509Error, whatever the bytes", (_, target) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        attempt(() => target.run(bytes), target.error);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 8, maxLength: 40 }), (list) => {
        attempt(() => target.run(mutate(target, numbers(list))), target.error);
      }),
      { numRuns: 400 },
    );
  });

  it("reads PEM back as it was written, and skips other labels and text between", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { maxLength: 4 }), (blocks) => {
        const text = blocks.map((bytes) => `between\n${toPem("A", bytes)}${toPem("B", bytes)}`).join("");
        expect(parsePem(text, "A")).toEqual(blocks.map((bytes) => Uint8Array.from(bytes)));
      }),
    );
  });

  it("refuses PEM that does not end, or is no canonical base64", () => {
    const pem = (body: string): boolean => attempt(() => parsePem(`-----BEGIN A-----\n${body}`, "A"), X509Error);
    expect(pem("AAAA\n-----END A-----")).toBe(true);
    for (const body of [
      "AAAA",
      "\n-----END A-----",
      "AA*A\n-----END A-----",
      "AAB=\n-----END A-----",
      "AAA\n-----END A-----",
    ]) {
      expect(pem(body)).toBe(false);
    }
  });
});
