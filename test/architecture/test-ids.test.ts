// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";

interface TestIds {
  readonly idsIn: (title: string) => string[];
  readonly stringsIn: (source: string) => string[];
}
type Generator = (files: ReadonlyMap<string, readonly string[]>) => { readonly problems: readonly string[] };

const generate = new URL("../../scripts/generate/", import.meta.url);
const { idsIn, stringsIn } = (await import(new URL("test-ids.mjs", generate).href)) as TestIds;
const { conformanceDocument } = (await import(new URL("conformance.mjs", generate).href)) as {
  readonly conformanceDocument: Generator;
};
const { attacksDocument } = (await import(new URL("attacks.mjs", generate).href)) as {
  readonly attacksDocument: Generator;
};

describe("ids in titles", () => {
  it.each([
    ["X509-23 MTL-D09 refuses an ID without a path", ["X509-23", "MTL-D09"]],
    ["WLAPI-06, WLAPI-07: each update is the whole state", ["WLAPI-06", "WLAPI-07"]],
    ["tells ID-01 and TD-02 (STAB-02)", ["ID-01", "TD-02", "STAB-02"]],
    ["X509-24/25 refuses", ["X509-24", "X509-25"]],
    ["MTL-D11/D12 is no list, MTL-D11/12 is", ["MTL-D11", "MTL-D11", "MTL-D12"]],
    ["X509-40…42 and JWT-30–32", ["X509-40", "X509-41", "X509-42", "JWT-30", "JWT-31", "JWT-32"]],
    ["WLAPI-50 to WLAPI-52", ["WLAPI-50", "WLAPI-51", "WLAPI-52"]],
    ["CVE-2017-15361, SHA-256, RSA-1024, P-256 and RFC 5280 are none", []],
    ["JWT-13 takes 32 audiences", ["JWT-13"]],
  ])("%s", (title, ids) => {
    expect(idsIn(title)).toEqual(ids);
  });

  it("are looked for in strings, not in comments", () => {
    const source =
      'a("X509-01 \\" b"); // WLAPI-02\n/* "JWT-03" */ b(`ID-04 ${x}`, \'TD-01\'); c("http://x"); d("ID-05")';
    expect(stringsIn(source).flatMap(idsIn)).toEqual(["X509-01", "ID-04", "TD-01", "ID-05"]);
  });
});

describe("documents of tests", () => {
  it("tell of rows for validators and clients that have neither test nor reason", () => {
    const { problems } = conformanceDocument(new Map());
    expect(problems).toContainEqual(expect.stringContaining("X509-23"));
    expect(problems.some((problem) => problem.includes("X509-09"))).toBe(false);
    expect(conformanceDocument(new Map([["WPT-01", ["a.test.ts"]]])).problems).toContainEqual(
      expect.stringContaining("WPT-01 has a test"),
    );
  });

  it("tell of attack cases without test where all must have one", () => {
    expect(attacksDocument(new Map([["MTL-D01", ["a.test.ts"]]])).problems).toHaveLength(17 + 14 - 1);
  });
});
