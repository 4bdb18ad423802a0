// SPDX-License-Identifier: Apache-2.0
import { array, assert, property, string, stringMatching } from "fast-check";
import { describe, expect, it } from "vitest";
import { WireError } from "./refusal.ts";
import { IdRules, parseIdFields, parseIdText, parseTrustDomainField, toIdFields } from "./spiffe-id.ts";

describe("IDs on the wire", () => {
  it.each([
    "/a/../b",
    "/./a",
    "//a",
    "/a//b",
    "/a/",
    "/%2e%2e",
    "/ä",
    "a",
    `/${"p".repeat(2049 - "spiffe://example.org/".length)}`,
  ])("REG-D01: refuses the path %j and never normalises", (path) => {
    expect(() => parseIdFields({ trust_domain: "example.org", path })).toThrow(WireError);
  });

  it.each(["Example.org", "example.org:80", "u@example.org", "example.org?x", "example.org#x", "exämple.org", ""])(
    "REG-D02: refuses the trust domain %j",
    (trust_domain) => {
      expect(() => parseIdFields({ trust_domain, path: "/w" })).toThrow(WireError);
    },
  );

  it("accepts the longest ID, and a trust domain written as an ID", () => {
    const path = `/${"p".repeat(2048 - "spiffe://example.org/".length)}`;
    expect(parseIdFields({ trust_domain: "example.org", path }).text).toHaveLength(2048);
    expect(parseTrustDomainField("spiffe://a.test/x")).toBe("a.test");
  });

  it("reads back what it wrote", () => {
    const segment = stringMatching(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,20}$/);
    assert(
      property(array(segment, { maxLength: 5 }), (segments) => {
        const text = ["spiffe://example.org", ...segments].join("/");
        expect(parseIdFields(toIdFields(text)).text).toBe(text);
        expect(parseIdText(text).text).toBe(text);
      }),
    );
  });

  it("never throws anything but its own error", () => {
    assert(
      property(string(), string(), (trust_domain, path) => {
        try {
          parseIdFields({ trust_domain, path });
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
    );
  });

  it("tells the classes apart", () => {
    const rules = new IdRules("example.org");
    const id = (path: string): ReturnType<typeof parseIdText> => parseIdText(`spiffe://example.org${path}`);
    expect(rules.workload(id("/spirex")).path).toBe("/spirex");
    expect(() => rules.workload(id("/spire/server"))).toThrow("path is in the reserved namespace");
    expect(() => rules.agent(id("/w"))).toThrow("path is not in the agent namespace");
    expect(() => rules.member(id(""))).toThrow("path is empty");
    expect(() => rules.member(parseIdText("spiffe://other.test/w"))).toThrow("is not a member of trust domain");
  });
});
