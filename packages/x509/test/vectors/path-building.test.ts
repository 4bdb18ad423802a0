// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { Certificate, verifyPath } from "../../src/index.ts";
import { OID } from "../../src/oid.ts";
import { describeVectors, readable, verdictOf } from "./describe-vectors.ts";

interface PathBuildingCase {
  readonly id: number;
  /** Base64 of DER, leaf first. */
  readonly certificates: readonly string[];
  readonly expected: "ACCEPT" | "REJECT";
}

interface BetterTls {
  readonly trustRoot: string;
  readonly suites: { readonly pathbuilding: { readonly testCases: readonly PathBuildingCase[] } };
}

// The data were made on this day and hold for a year.
const now = new Date("2026-11-24T12:00:00Z");
const decode = (text: string): Uint8Array => Buffer.from(text, "base64");

describeVectors("BetterTLS", "bettertls-pathbuilding-81.json", (json) => {
  const { trustRoot, suites } = JSON.parse(json) as BetterTls;
  const root = Certificate.parse(decode(trustRoot));
  const judged = suites.pathbuilding.testCases.map(({ id, certificates, expected }) => {
    const [leaf = "", ...others] = certificates;
    const code = verdictOf(() =>
      verifyPath(Certificate.parse(decode(leaf)), readable(others.map(decode)), [root], { now, eku: OID.serverAuth }),
    );
    return { id, code, isRight: (code === "ok") === (expected === "ACCEPT") };
  });
  const right = judged.filter(({ isRight }) => isRight).length;

  it(`X509-27 path building: ${right} of ${judged.length}, with dead ends, loops and bad certificates of the same name`, () => {
    expect(judged.filter(({ isRight }) => !isRight)).toEqual([]);
    expect(judged).toHaveLength(81);
    expect(judged.filter(({ code }) => code === "ok")).toHaveLength(45);
  });

  it("finds the same whatever the order of what it is given", () => {
    for (const { certificates, expected } of suites.pathbuilding.testCases) {
      const [leaf = "", ...others] = certificates;
      const code = verdictOf(() =>
        verifyPath(Certificate.parse(decode(leaf)), readable(others.map(decode)).toReversed(), [root], {
          now,
          eku: OID.serverAuth,
        }),
      );
      expect(code === "ok").toBe(expected === "ACCEPT");
    }
  });
});
