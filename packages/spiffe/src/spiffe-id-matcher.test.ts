// SPDX-License-Identifier: Apache-2.0
import { array, assert, boolean, constant, oneof, property, stringMatching } from "fast-check";
import { expect, it } from "vitest";
import { codeOf } from "../test/code-of.ts";
import { SpiffeId } from "./spiffe-id.ts";
import { anyPeer, exact, matchPath, memberOf, oneOf, type SpiffeIdMatcher } from "./spiffe-id-matcher.ts";

const id = (path: string, trustDomain = "example.org"): SpiffeId => SpiffeId.parse(`spiffe://${trustDomain}${path}`);
const accepts = (matcher: SpiffeIdMatcher, ...paths: readonly string[]): string[] =>
  paths.filter((path) => matcher(id(path)));

it("any peer is any peer", () => {
  expect(anyPeer()(id("/a"))).toBe(true);
});

it.each([
  ["exact", exact("spiffe://example.org/ns/foo")],
  ["exact of a SpiffeId", exact(id("/ns/foo"))],
  ["oneOf", oneOf("spiffe://example.org/x", id("/ns/foo"))],
  ["a pattern without stars", matchPath("spiffe://example.org/ns/foo")],
])("MTL-D14 ID-06 %s is one identity: no prefix, no suffix, no other case, no other trust domain", (_, matcher) => {
  expect(matcher(id("/ns/foo"))).toBe(true);
  expect(accepts(matcher, "/ns/foobar", "/ns/fo", "/ns", "/ns/foo/bar", "/ns/Foo", "/NS/foo", "/ns/foo.", "")).toEqual(
    [],
  );
  expect(matcher(id("/ns/foo", "example.com"))).toBe(false);
  expect(matcher(id("/ns/foo", "a.example.org"))).toBe(false);
});

it("MTL-D14 a dot is a dot", () => {
  for (const matcher of [
    exact("spiffe://example.org/a.b"),
    oneOf("spiffe://example.org/a.b"),
    matchPath("spiffe://example.org/a.b"),
    matchPath("spiffe://example.org/a.b/**"),
  ]) {
    expect(accepts(matcher, "/aXb", "/a-b", "/a", "/aXb/c")).toEqual([]);
  }
  expect(memberOf("a.b")(id("/x", "axb"))).toBe(false);
});

it("MTL-D14 a trust domain is compared whole", () => {
  const matcher = memberOf("example.org");
  expect(matcher(id("/a"))).toBe(true);
  expect(matcher(id(""))).toBe(true);
  for (const other of ["a.example.org", "example.org.a", "xample.org", "example.orga", "example.or"])
    expect(matcher(id("/a", other)), other).toBe(false);
});

it("nobody is one of none", () => {
  expect(oneOf()(id("/a"))).toBe(false);
});

it.each([
  ["/*", ["/a", "/ns"], ["", "/ns/foo"]],
  ["/ns/*", ["/ns/foo", "/ns/foobar"], ["", "/ns", "/ns/foo/bar", "/nsx/foo"]],
  ["/ns/*/sa/web", ["/ns/foo/sa/web"], ["/ns/sa/web", "/ns/a/b/sa/web", "/ns/foo/sa/webx", "/ns/foo/SA/web"]],
  ["/ns/foo/**", ["/ns/foo/a", "/ns/foo/a/b/c"], ["/ns/foo", "/ns/foobar", "/ns/foobar/a", "/ns/Foo/a", "/ns"]],
  ["/**", ["/a", "/a/b"], [""]],
  ["/*/**", ["/a/b", "/a/b/c"], ["/a", ""]],
  ["", [""], ["/a"]],
])("MTL-D14 the pattern %j takes %j and not %j", (pattern, taken, refused) => {
  const matcher = matchPath(`spiffe://example.org${pattern}`);
  expect(accepts(matcher, ...taken, ...refused)).toEqual(taken);
  expect(taken.filter((path) => matcher(id(path, "other.org")))).toEqual([]);
});

it.each([
  ["", "EMPTY"],
  ["/ns/**", "BAD_SCHEME"],
  ["example.org/**", "BAD_SCHEME"],
  ["SPIFFE://example.org/**", "BAD_SCHEME"],
  ["spiffe://*/a", "BAD_TRUST_DOMAIN_CHAR"],
  ["spiffe://**", "BAD_TRUST_DOMAIN_CHAR"],
  ["spiffe://*.example.org/a", "BAD_TRUST_DOMAIN_CHAR"],
  ["spiffe://Example.org/a", "BAD_TRUST_DOMAIN_CHAR"],
  ["spiffe://example.org/foo*", "BAD_PATH_CHAR"],
  ["spiffe://example.org/*foo", "BAD_PATH_CHAR"],
  ["spiffe://example.org/***", "BAD_PATH_CHAR"],
  ["spiffe://example.org/**/a", "BAD_PATH_CHAR"],
  ["spiffe://example.org/**/**", "BAD_PATH_CHAR"],
  ["spiffe://example.org/%2A", "BAD_PATH_CHAR"],
  ["spiffe://example.org/a%2Fb", "BAD_PATH_CHAR"],
  ["spiffe://example.org/ns/(foo|bar)", "BAD_PATH_CHAR"],
  ["spiffe://example.org/a/../b", "DOT_SEGMENT"],
  ["spiffe://example.org/a//b", "EMPTY_SEGMENT"],
  ["spiffe://example.org/a/*/", "TRAILING_SLASH"],
  ["spiffe://example.org/a/**/", "BAD_PATH_CHAR"],
])("MTL-D14 the pattern %j is refused with %s", (pattern, code) => {
  expect(codeOf(() => matchPath(pattern))).toBe(code);
});

it.each([
  ["exact", (text: string) => exact(text)],
  ["oneOf", (text: string) => oneOf("spiffe://example.org/a", text)],
])("MTL-D14 %s takes SPIFFE IDs only: nothing is decoded or folded", (_, make) => {
  for (const [text, code] of [
    ["spiffe://example.org/a%2Fb", "BAD_PATH_CHAR"],
    ["spiffe://example.org/*", "BAD_PATH_CHAR"],
    ["spiffe://EXAMPLE.org/a", "BAD_TRUST_DOMAIN_CHAR"],
    ["/a", "BAD_SCHEME"],
  ] as const)
    expect(codeOf(() => make(text))).toBe(code);
});

const segment = stringMatching(/^[a-z.-]{1,3}$/).filter((text) => text !== "." && text !== "..");
const segments = array(segment, { maxLength: 5 });

it("MTL-D14 a pattern decides as one that goes through the segments by hand", () => {
  const token = oneof(segment, constant("*"));
  assert(
    property(array(token, { maxLength: 4 }), boolean(), segments, (tokens, open, path) => {
      const pattern = [...tokens, ...(open ? ["**"] : [])];
      const byHand = (p: readonly string[], s: readonly string[]): boolean => {
        const [head, ...tail] = p;
        const [first, ...rest] = s;
        if (head === undefined || first === undefined) return head === first;
        return head === "**" || ((head === "*" || head === first) && byHand(tail, rest));
      };
      const text = pattern.map((part) => `/${part}`).join("");
      const subject = path.map((part) => `/${part}`).join("");
      expect(matchPath(`spiffe://example.org${text}`)(id(subject))).toBe(byHand(pattern, path));
    }),
  );
});
