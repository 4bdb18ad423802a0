// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { describeVectors } from "./describe-vectors.ts";
import { agrees, judge, judgeWithLists, type LimboCase, type LimboVerdict, readClasses } from "./limbo.ts";

// Where we decide otherwise than x509-limbo, and why. A case that is not listed must agree, one that is listed must not.

const leafRule = "what a leaf may be is verifyPeer's rule (LEAF_IS_CA); rfc5280::ca-as-leaf wants such a path";

const pathDeviations: Readonly<Record<string, string>> = {
  "webpki::ee-basicconstraints-ca": leafRule,
  "webpki::ca-as-leaf": leafRule,
};

const noKeyIds = "authorities in use leave key identifiers out; they only help the search";
const anchorAsIs = "an anchor is trusted for its name and key, however it was written";

const lenientDeviations: Readonly<Record<string, string>> = {
  ...pathDeviations,
  "rfc5280::aki::critical-aki": anchorAsIs,
  "rfc5280::aki::intermediate-missing-aki": noKeyIds,
  "rfc5280::aki::leaf-missing-aki": noKeyIds,
  "rfc5280::nc::invalid-dnsname-leading-period": "Go, OpenSSL and many authorities read it as names below",
  "rfc5280::root-non-critical-basic-constraints": anchorAsIs,
  "rfc5280::ski::critical-ski": anchorAsIs,
  "rfc5280::ski::intermediate-missing-ski": noKeyIds,
  "rfc5280::ski::root-missing-ski": noKeyIds,
};

const issuerRule = "a rule for those who issue; our issuing lint has it, and nothing follows from it for a reader";
const webRule = "a rule of the Web's CAs; X509-SVID has none such";

const optionalDeviations: Readonly<Record<string, string>> = {
  "rfc5280::aki::cross-signed-root-missing-aki": "who vouched for an anchor has no part in the path",
  "rfc5280::nc::permitted-dns-match-noncritical": "name constraints bind, critical or not (webpki::nc wants this)",
  "rfc5280::serial::too-long": issuerRule,
  "rfc5280::serial::zero": issuerRule,
  "webpki::aki::root-with-aki-missing-keyidentifier": "who vouched for an anchor has no part in the path",
  "webpki::aki::root-with-aki-all-fields": webRule,
  "webpki::aki::root-with-aki-ski-mismatch": webRule,
  "webpki::eku::ee-anyeku": webRule,
  "webpki::eku::ee-critical-eku": webRule,
  "webpki::eku::ee-without-eku": webRule,
  "webpki::eku::root-has-eku": webRule,
  "webpki::malformed-aia": "an extension that is not critical and not processed is not parsed",
};

const obeyed = "a list that revokes is rather obeyed than ignored for what it lacks; this one revokes nothing";

const listDeviations: Readonly<Record<string, string>> = {
  "crl::crlnumber-missing": obeyed,
  "crl::crlnumber-critical": obeyed,
};

// Cases about the peer's name that are decided without it.
const refusedByItself: Readonly<Record<string, string>> = {
  "rfc5280::nc::nc-forbids-dnsname-wildcard-san": "NAME_CONSTRAINT",
  "webpki::san::unicode-emoji-san": "MALFORMED",
};

describeVectors("x509-limbo", "limbo-core-208.json", (json) => {
  const { testcases } = JSON.parse(json) as { readonly testcases: readonly LimboCase[] };
  const classes = readClasses();
  const judged = testcases.map((one) => (one.id.startsWith("crl::") ? judgeWithLists(one) : judge(one)));
  const of = (name: string): LimboVerdict[] => judged.filter(({ id }) => classes[id]?.class === name);
  const score = (all: readonly LimboVerdict[]): string => `${all.filter(agrees).length} of ${all.length}`;
  const others = (all: readonly LimboVerdict[]): string[] =>
    all
      .filter((one) => !agrees(one))
      .map(({ id }) => id)
      .toSorted();

  const [paths, optional, names] = [of("path"), of("optional"), of("name")];
  const lists = of("skip").filter(({ id }) => id.startsWith("crl::"));

  it(`X509-27 class "path": agrees with ${score(paths)}, and deviates where it is listed`, () => {
    expect(others(paths)).toEqual(Object.keys(pathDeviations).toSorted());
    expect(paths).toHaveLength(132);
  });

  const lenient = testcases.filter(({ id }) => classes[id]?.class === "path").map((one) => judge(one, false));

  it(`not strict, as verifyPeer asks, it agrees with ${score(lenient)}, and deviates where it is listed`, () => {
    expect(others(lenient)).toEqual(Object.keys(lenientDeviations).toSorted());
  });

  it(`class "optional": agrees with ${score(optional)}, and deviates where it is listed`, () => {
    expect(others(optional)).toEqual(Object.keys(optionalDeviations).toSorted());
    expect(optional).toHaveLength(21);
  });

  const good = names.filter(({ expected_result }) => expected_result === "SUCCESS");

  it(`class "name": takes all ${good.length} good chains, and refuses by itself those that are listed; the peer's name is the caller's`, () => {
    expect(good.map(({ code }) => code)).toEqual(good.map(() => "ok"));
    const refused = names.filter(({ code }) => code !== "ok").map(({ id, code }) => [id, code]);
    expect(Object.fromEntries(refused)).toEqual(refusedByItself);
    expect([good.length, names.length]).toEqual([17, 46]);
  });

  it(`revocation lists: agrees with ${score(lists)}, and deviates where it is listed`, () => {
    expect(others(lists)).toEqual(Object.keys(listDeviations).toSorted());
    expect(lists.find(({ id }) => id === "crl::revoked-certificate-with-crl")?.code).toBe("REVOKED");
    expect(lists.find(({ id }) => id === "crl::issuer-missing-crlsign")?.code).toBe("SIGNER_NO_CRL_SIGN");
    expect(lists).toHaveLength(8);
  });

  const attacks = paths.filter(({ features }) => features.includes("denial-of-service"));

  for (const { id, code, ms } of attacks) {
    it(`${id} costs little: ${code}`, () => {
      expect(["TOO_LARGE", "PATH_BUDGET", "UNTRUSTED"]).toContain(code);
      expect(ms).toBeLessThan(1_000);
    });
  }

  it("has 7 attacks on the work", () => {
    expect(attacks).toHaveLength(7);
  });
});
