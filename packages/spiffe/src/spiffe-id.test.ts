// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyText } from "../test/any-text.ts";
import { codeOf } from "../test/code-of.ts";
import { SpiffeIdError } from "./errors.ts";
import { SpiffeId } from "./spiffe-id.ts";
import { TrustDomain } from "./trust-domain.ts";

const parseCode = (text: string): string => codeOf(() => SpiffeId.parse(text));
const label = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 30)}…` : text);
const td = TrustDomain.parse("example.org");

const valid = [
  ..."spiffe://example.org spiffe://example.org/a spiffe://example.org/a/b/c spiffe://staging.example.com/payments/web-fe".split(
    " ",
  ),
  "spiffe://k8s-west.example.com/ns/staging/sa/default",
  "spiffe://example.com/9eebccd2-12bf-40a6-b262-65fe0487d453",
  ..."spiffe://my_td/x spiffe://a/b spiffe://1/2 spiffe://127.0.0.1/x spiffe://10.0.0.1 spiffe://-/x spiffe://_/x spiffe://./x".split(
    " ",
  ),
  ..."... .a ..a a. a.. A/b _ - 0 a-b_c.d".split(" ").map((path) => `spiffe://example.org/${path}`),
  "spiffe://xn--bcher-kva.example/x",
  `spiffe://example.org/${"a".repeat(2027)}`,
  `spiffe://${"a".repeat(255)}`,
];

const badPath = [
  ..."a%20b a%2Fb %62%61%64 a? a?q=1 a# a#f a:b a@b a~b a!b a$b a&b a'b a(b) a*b a+b a,b a;b a=b [a] a\\b é 🤯".split(
    " ",
  ),
  "a b",
  "a\t",
  "a\n",
  "a\x7f",
  "a\0",
];

const invalid: Record<string, readonly string[]> = {
  EMPTY: [""],
  BAD_SCHEME: [
    ..."s spiffe spiffe: spiffe:/ spiffe:/example.org/a spiffe:example.org example.org/a //example.org/a".split(" "),
    ..."http://example.org/a https://example.org/a spiffes://example.org SPIFFE://example.org/a Spiffe://".split(" "),
    " spiffe://example.org",
  ],
  MISSING_TRUST_DOMAIN: ["spiffe://", "spiffe:///", "spiffe:///a"],
  BAD_TRUST_DOMAIN_CHAR: [
    ..."spiffe://Example.org/a spiffe://u@h/a spiffe://u:p@h/a spiffe://h:80/a spiffe://h:/a spiffe://[::1]/a".split(
      " ",
    ),
    ..."spiffe://exämple/a spiffe://%65xample/a spiffe://ex*mple/a spiffe://example.org?q/a spiffe://example.org#f".split(
      " ",
    ),
    "spiffe://exa mple/a",
    "spiffe://example~org/a",
    "spiffe://example.org\x00/a",
    "spiffe://example.org\n/a",
  ],
  TRAILING_SLASH: ["spiffe://example.org/", "spiffe://example.org/a/"],
  EMPTY_SEGMENT: ["spiffe://example.org//", "spiffe://example.org//a", "spiffe://example.org/a//b"],
  DOT_SEGMENT: ". .. ./a a/. a/./b a/.. ../a a/../b".split(" ").map((path) => `spiffe://example.org/${path}`),
  BAD_PATH_CHAR: badPath.map((path) => `spiffe://example.org/${path}`),
  TRUST_DOMAIN_TOO_LONG: [`spiffe://${"a".repeat(256)}/x`],
  TOO_LONG: [`spiffe://example.org/${"a".repeat(2028)}`],
};

describe("SPIFFE ID", () => {
  it.each(valid.map((text) => [label(text), text]))(
    "ID-01 ID-04 ID-05 TD-02 reads %s and writes it as it was",
    (_, text) => {
      expect(SpiffeId.parse(text).toString()).toBe(text);
      expect(JSON.stringify([SpiffeId.parse(text)])).toBe(JSON.stringify([text]));
    },
  );

  it.each(Object.entries(invalid).flatMap(([code, texts]) => texts.map((text) => [label(text), code, text] as const)))(
    "ID-01 ID-04 ID-05 TD-01 TD-02 TD-04 refuses %s with %s",
    (_, code, text) => {
      expect(parseCode(text)).toBe(code);
    },
  );

  it("ID-02 refuses a query and a fragment, even empty ones", () => {
    for (const end of ["?x=1", "?", "#f", "#"]) expect(parseCode(`spiffe://example.org/a${end}`)).toBe("BAD_PATH_CHAR");
    expect(parseCode("spiffe://example.org?x")).toBe("BAD_TRUST_DOMAIN_CHAR");
  });

  it("ID-03 refuses an empty trust domain", () => {
    for (const text of ["spiffe://", "spiffe:///", "spiffe:///a"]) expect(parseCode(text)).toBe("MISSING_TRUST_DOMAIN");
  });

  it("ID-05 takes 65 of the first 256 code points in a segment, and nothing beyond ASCII", () => {
    const taken = Array.from({ length: 256 }, (_, code) => String.fromCodePoint(code)).filter(
      (character) => parseCode(`spiffe://example.org/a${character}b`) === "accepted",
    );
    // The slash is no character of a segment but parts two of them.
    expect(taken.filter((character) => character !== "/")).toHaveLength(65);
    for (const character of ["é", "🤯", "ａ"])
      expect(parseCode(`spiffe://example.org/${character}`)).toBe("BAD_PATH_CHAR");
  });

  it("ID-06 tells paths apart by case", () => {
    expect(SpiffeId.parse("spiffe://example.org/Foo").equals(SpiffeId.parse("spiffe://example.org/foo"))).toBe(false);
    expect(SpiffeId.parse("spiffe://example.org/foo").equals(SpiffeId.parse("spiffe://example.org/foo"))).toBe(true);
    expect(SpiffeId.parse("spiffe://a/foo").equals(SpiffeId.parse("spiffe://b/foo"))).toBe(false);
  });

  it("ID-07 takes 2048 bytes with the longest trust domain", () => {
    const text = `spiffe://${"a".repeat(255)}/${"b".repeat(1783)}`;
    expect(text).toHaveLength(2048);
    expect(SpiffeId.parse(text).toString()).toBe(text);
  });

  it("ID-08 refuses 2049 bytes, however the ID is made", () => {
    const path = `/${"b".repeat(1784)}`;
    const long = TrustDomain.parse("a".repeat(255));
    expect(parseCode(long.idString + path)).toBe("TOO_LONG");
    expect(codeOf(() => SpiffeId.fromPath(long, path))).toBe("TOO_LONG");
    expect(codeOf(() => SpiffeId.fromSegments(long, [path.slice(1)]))).toBe("TOO_LONG");
  });

  it("ID-09 refuses a scheme in capitals, and makes it small only when asked", () => {
    expect(parseCode("Spiffe://x")).toBe("BAD_SCHEME");
    expect(SpiffeId.normalize("Spiffe://x").toString()).toBe("spiffe://x");
    expect(SpiffeId.normalize("SPIFFE://Example.ORG/Web").toString()).toBe("spiffe://example.org/Web");
    expect(codeOf(() => SpiffeId.normalize("spiffe://exämple/a"))).toBe("BAD_TRUST_DOMAIN_CHAR");
    // U+212A, the Kelvin sign, is made a small k by Unicode's rules.
    expect(codeOf(() => SpiffeId.normalize("spiffe://\u212a/a"))).toBe("BAD_TRUST_DOMAIN_CHAR");
  });

  it("ID-10 reads the trust domain's own ID, without a path", () => {
    const id = SpiffeId.parse("spiffe://example.org");
    expect([id.path, id.segments]).toEqual(["", []]);
    expect(id.trustDomain.idString).toBe("spiffe://example.org");
  });

  it("ID-11 never resolves dot segments", () => {
    expect(parseCode("spiffe://example.org/a/../b")).toBe("DOT_SEGMENT");
    expect(parseCode("spiffe://example.org/./a")).toBe("DOT_SEGMENT");
  });

  it("ID-12 judges segments and paths that an ID is built from", () => {
    const segmentCode = (...segments: string[]): string => codeOf(() => SpiffeId.fromSegments(td, segments));
    expect([segmentCode("a/b"), segmentCode(""), segmentCode("."), segmentCode("/a")]).toEqual([
      "BAD_PATH_CHAR",
      "EMPTY_SEGMENT",
      "DOT_SEGMENT",
      "BAD_PATH_CHAR",
    ]);
    expect(codeOf(() => SpiffeId.fromPath(td, "a"))).toBe("NO_LEADING_SLASH");
    expect(codeOf(() => SpiffeId.fromPath(td, "/a/"))).toBe("TRAILING_SLASH");
    expect(SpiffeId.fromSegments(td, []).toString()).toBe("spiffe://example.org");
    expect(SpiffeId.fromPath(td, "").toString()).toBe("spiffe://example.org");
    expect(SpiffeId.fromSegments(td, ["a", "b"]).path).toBe("/a/b");
  });

  it("knows its trust domain", () => {
    const id = SpiffeId.parse("spiffe://example.org/a");
    expect([id.memberOf(td), id.memberOf(TrustDomain.parse("example.com"))]).toEqual([true, false]);
  });
});

describe("trust domain", () => {
  it("TD-01 has neither user nor port", () => {
    expect(parseCode("spiffe://u@example.org/a")).toBe("BAD_TRUST_DOMAIN_CHAR");
    expect(parseCode("spiffe://example.org:443/a")).toBe("BAD_TRUST_DOMAIN_CHAR");
    expect(codeOf(() => TrustDomain.parse("example.org:443"))).toBe("BAD_TRUST_DOMAIN_CHAR");
  });

  it("TD-02 takes 39 of the first 256 code points", () => {
    const taken = Array.from({ length: 256 }, (_, code) => `a${String.fromCodePoint(code)}b`).filter(
      (name) => codeOf(() => TrustDomain.fromName(name)) === "accepted",
    );
    expect(taken).toHaveLength(39);
  });

  it("TD-03 treats nothing as an IP address or DNS name", () => {
    for (const text of ["spiffe://127.0.0.1/a", "spiffe://01.2.3/a", "spiffe://my_td/a"])
      expect(SpiffeId.parse(text).toString()).toBe(text);
    expect(parseCode("spiffe://[::1]/a")).toBe("BAD_TRUST_DOMAIN_CHAR");
  });

  it("TD-04 has at most 255 bytes", () => {
    expect(TrustDomain.fromName("a".repeat(255)).name).toHaveLength(255);
    expect(codeOf(() => TrustDomain.fromName("a".repeat(256)))).toBe("TRUST_DOMAIN_TOO_LONG");
    expect(parseCode(`spiffe://${"a".repeat(256)}`)).toBe("TRUST_DOMAIN_TOO_LONG");
  });

  it("TD-05 is read with empty labels, which others may have created", () => {
    for (const name of ["a..b", ".a", "a."]) expect(TrustDomain.parse(name).name).toBe(name);
  });

  it("is read from a name or from an ID, and a name alone is no ID", () => {
    expect(TrustDomain.parse("spiffe://example.org/a").equals(td)).toBe(true);
    expect(codeOf(() => TrustDomain.parse("spiffe://example.org/"))).toBe("TRAILING_SLASH");
    expect(codeOf(() => TrustDomain.parse("http://example.org"))).toBe("BAD_SCHEME");
    expect(codeOf(() => TrustDomain.fromName("spiffe://example.org"))).toBe("BAD_TRUST_DOMAIN_CHAR");
    expect(codeOf(() => TrustDomain.parse(""))).toBe("MISSING_TRUST_DOMAIN");
  });
});

const segments = fc.stringMatching(/^[A-Za-z0-9._-]{1,20}$/).filter((segment) => segment !== "." && segment !== "..");
const names = fc.stringMatching(/^[a-z0-9._-]{1,40}$/);
const hostile = fc.oneof(
  anyText,
  fc.tuple(names, fc.string()).map(([name, rest]) => `spiffe://${name}/${rest}`),
  fc
    .array(fc.constantFrom("spiffe:", "//", "/", ".", "..", "a", "%2e", "@", ":", "?", "#", "\0", "\n"), {
      maxLength: 12,
    })
    .map((parts) => parts.join("")),
);

describe("properties", () => {
  it("what is built is read back as the same ID", () => {
    fc.assert(
      fc.property(names, fc.array(segments, { maxLength: 6 }), (name, parts) => {
        const id = SpiffeId.fromSegments(TrustDomain.parse(name), parts);
        const again = SpiffeId.parse(id.toString());
        expect([again.equals(id), again.segments]).toEqual([true, parts]);
      }),
    );
  });

  it("what is read is written as it was, and all else is refused with a code", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        try {
          expect(SpiffeId.parse(text).toString()).toBe(text);
        } catch (error) {
          expect(error).toBeInstanceOf(SpiffeIdError);
        }
        try {
          TrustDomain.parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(SpiffeIdError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
