// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { entryVersion } from "./entry-version.ts";
import type { RegistrationEntry } from "./registration-entry.ts";

const base: RegistrationEntry = {
  id: "e",
  spiffeId: "spiffe://example.org/w",
  parentId: "spiffe://example.org/p",
  selectors: [{ type: "unix", value: "uid:1" }],
  x509SvidTtl: 0,
  jwtSvidTtl: 0,
  federatesWith: [],
  admin: false,
  downstream: false,
  expiresAt: 0,
  dnsNames: [],
  revisionNumber: 0,
  storeSvid: false,
  hint: "",
  createdAt: 1,
};

describe("entryVersion", () => {
  it("changes with every single field", () => {
    const changes: { [Field in keyof RegistrationEntry]: RegistrationEntry[Field] } = {
      id: "f",
      spiffeId: "spiffe://example.org/W",
      parentId: "spiffe://example.org/q",
      selectors: [{ type: "unix", value: "uid:2" }],
      x509SvidTtl: 1,
      jwtSvidTtl: 1,
      federatesWith: ["other.test"],
      admin: true,
      downstream: true,
      expiresAt: 1,
      dnsNames: ["web"],
      revisionNumber: 1,
      storeSvid: true,
      hint: "h",
      createdAt: 2,
    };
    const versions = Object.entries(changes).map(([field, value]) => entryVersion({ ...base, [field]: value }));
    expect(new Set([entryVersion(base), ...versions]).size).toBe(16);
  });

  it("depends on content only, not on the object or the order of its fields", () => {
    const turned = Object.fromEntries(Object.entries(base).toReversed()) as unknown as RegistrationEntry;
    expect(entryVersion({ ...turned, selectors: [{ value: "uid:1", type: "unix" }] })).toBe(entryVersion(base));
    expect(entryVersion(base)).toHaveLength(22);
  });
});
