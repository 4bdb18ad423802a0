// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { formatBundleMap, parseBundleMap, SpiffeBundle, TrustDomain, type IgnoredMember } from "../src/index.ts";
import { ecKeys, makeCa } from "./certificate-maker.ts";
import { codeOf } from "./code-of.ts";

const bundleOf = (name: string, refreshHintSeconds?: number): SpiffeBundle =>
  new SpiffeBundle({
    trustDomain: TrustDomain.parse(name),
    x509Authorities: [makeCa({ uris: [`spiffe://${name}`] }).certificate],
    jwtAuthorities: [{ keyId: "k1", publicKey: ecKeys().publicKey }],
    sequenceNumber: 9007199254740993n,
    refreshHintSeconds,
  });
const code = (text: string): string => codeOf(() => parseBundleMap(text));
const emptyBundle = '{"keys":[]}';

describe("bundle map", () => {
  it("MAP-01 goes through its document unchanged", () => {
    const set = parseBundleMap(formatBundleMap([bundleOf("a"), bundleOf("b.example")]));
    expect([...set].map(({ trustDomain }) => trustDomain.name)).toEqual(["a", "b.example"]);
    expect(formatBundleMap(set)).toBe(formatBundleMap([...set]));
    expect(set.get(TrustDomain.parse("a"))?.sequenceNumber).toBe(9007199254740993n);
    expect(parseBundleMap('{"trust_domains":{}}').size).toBe(0);
  });

  it("MAP-01 is refused without trust domains, or with a name that is none", () => {
    for (const text of ["{}", "[]", "null", '{"trust_domains":[]}', '{"trust_domains":null}'])
      expect(code(text)).toBe("NO_TRUST_DOMAINS");
    for (const name of ["spiffe://x", "X", "", "a/b", "__PROTO__"])
      expect(code(`{"trust_domains":{${JSON.stringify(name)}:${emptyBundle}}}`)).toBe("BAD_TRUST_DOMAIN");
    expect(parseBundleMap(`{"trust_domains":{"__proto__":${emptyBundle}}}`).size).toBe(1);
  });

  it("MAP-02 is refused with one trust domain twice", () => {
    expect(code(`{"trust_domains":{"a":${emptyBundle},"a":${emptyBundle}}}`)).toBe("DUPLICATE_TRUST_DOMAIN");
    expect(code(`{"trust_domains":{"a":${emptyBundle},"\\u0061":${emptyBundle}}}`)).toBe("DUPLICATE_TRUST_DOMAIN");
    expect(code('{"trust_domains":{"a":{"keys":[],"keys":[]}}}')).toBe("NOT_JSON");
  });

  it("MAP-03 neither writes nor reads refresh hints of members", () => {
    expect(formatBundleMap([bundleOf("a", 5)])).not.toContain("hint");
    const [read] = parseBundleMap('{"trust_domains":{"a":{"keys":[],"spiffe_refresh_hint":5}}}');
    expect(read?.refreshHintSeconds).toBeUndefined();
  });

  it("MAP-04 is read whole or not at all", () => {
    expect(code(`{"trust_domains":{"a":${emptyBundle},"b":{}}}`)).toBe("NO_KEYS");
    const ignored: IgnoredMember[] = [];
    parseBundleMap('{"trust_domains":{"a":{"keys":[{}]}}}', { onIgnored: (member) => ignored.push(member) });
    expect(ignored.map(({ path, code }) => [path, code])).toEqual([["a: keys[0]", "UNKNOWN_USE"]]);
  });
});
