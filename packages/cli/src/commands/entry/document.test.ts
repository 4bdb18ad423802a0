// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CliFailure } from "../../failure.ts";
import { entriesFromDocument } from "./document.ts";

const minimal = {
  spiffe_id: "spiffe://example.org/web",
  parent_id: "spiffe://example.org/node",
  selectors: ["unix:uid:1000"],
};
const read = {
  spiffe_id: { trust_domain: "example.org", path: "/web" },
  parent_id: { trust_domain: "example.org", path: "/node" },
  selectors: [{ type: "unix", value: "uid:1000" }],
};

function problemsOf(text: string): readonly string[] {
  try {
    entriesFromDocument(text);
  } catch (error) {
    if (!(error instanceof CliFailure)) throw error;
    return error.problems.length > 0 ? error.problems : [error.message];
  }
  return [];
}

describe("a document of entries", () => {
  it("may be one entry, a list, or a list under `entries`", () => {
    for (const document of [minimal, [minimal], { entries: [minimal] }])
      expect(entriesFromDocument(JSON.stringify(document))).toEqual([read]);
  });

  it("may be YAML", () => {
    const yaml = `entries:
  - spiffe_id: spiffe://example.org/web
    parent_id: spiffe://example.org/node
    selectors: [unix:uid:1000]
    x509_svid_ttl: 10m
    expires_at: 2027-01-31T12:00:00Z`;
    expect(entriesFromDocument(yaml)).toEqual([{ ...read, x509_svid_ttl: 600, expires_at: 1_801_396_800 }]);
  });

  it("may be what `spire-server entry create -data` takes", () => {
    const document = {
      entries: [
        {
          selectors: [{ type: "unix", value: "uid:1000" }],
          spiffe_id: "spiffe://example.org/web",
          parent_id: "spiffe://example.org/node",
          ttl: 200,
          entry_id: "web",
          admin: true,
          dns_names: ["web.example.org"],
          federates_with: ["spiffe://other.org"],
          entryExpiry: 1_801_396_800,
        },
      ],
    };
    expect(entriesFromDocument(JSON.stringify(document))).toEqual([
      {
        ...read,
        id: "web",
        x509_svid_ttl: 200,
        admin: true,
        dns_names: ["web.example.org"],
        federates_with: ["other.org"],
        expires_at: 1_801_396_800,
      },
    ]);
  });

  it("may be what `spire-server entry show -output json` prints", () => {
    const document = { ...read, id: "web", expires_at: "0", revision_number: "3", created_at: "1767225600" };
    expect(entriesFromDocument(JSON.stringify({ entries: [document], next_page_token: "" }))).toEqual([
      { ...read, id: "web", expires_at: 0 },
    ]);
  });

  it("REG-D08: refuses __proto__, constructor and prototype, and leaves Object.prototype as it is", () => {
    const document = `{"entries":[{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},"prototype":1,
      "spiffe_id":"spiffe://example.org/web","parent_id":"spiffe://example.org/node","selectors":["unix:uid:1"]}]}`;
    expect(problemsOf(document)).toEqual([
      'entry 1: unknown field "__proto__"',
      'entry 1: unknown field "constructor"',
      'entry 1: unknown field "prototype"',
    ]);
    expect(problemsOf('{"__proto__":{"entries":[]}}')).toContain('entry 1: unknown field "__proto__"');
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect("admin" in {}).toBe(false);
  });

  it("is refused with all its problems at once", () => {
    const document = [
      { ...minimal, x509_svid_ttl: -1, admin: "yes", typo: 1 },
      { spiffe_id: "web", selectors: [7] },
      5,
    ];
    expect(problemsOf(JSON.stringify(document))).toEqual([
      "entry 1: x509_svid_ttl: expected seconds, or 90s, 5m, 24h",
      "entry 1: admin: expected true or false",
      'entry 1: unknown field "typo"',
      expect.stringContaining('entry 2: spiffe_id: "web" is not a SPIFFE ID'),
      "entry 2: selectors: expected text",
      "entry 2: parent_id is missing",
      "entry 3: expected fields",
    ]);
  });

  it.each([
    ["a key that stands twice", "spiffe_id: a\nspiffe_id: b"],
    ["aliases that multiply", "a: &a [1]\nb: [*a, *a]"],
    ["broken text", "{"],
    ["nothing", ""],
    ["no entries", "[]"],
    ["a merge key", "x: &x {admin: true}\n<<: *x"],
  ])("is refused for %s", (_what, text) => {
    expect(problemsOf(text).length).toBeGreaterThan(0);
  });

  it("is read or refused, never anything else", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.json().map((json) => `{"entries":${json}}`),
        ),
        (text) => {
          problemsOf(text);
          expect(Object.keys(Object.prototype)).toEqual([]);
        },
      ),
    );
  });
});
