// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, sign } from "node:crypto";
import { BundleSet, JwtBundle, type JwtSvid, TrustDomain, verifyJwtSvid } from "@mayfly/spiffe";
import { expect, it } from "vitest";
import { passedClaims } from "./passed-claims.ts";

const now = new Date("2026-03-01T12:00:00Z");
const exp = now.getTime() / 1_000 + 60;

/** A valid token of this trust domain, with claims of its own beside the three. */
function svidOf(trustDomain: string, aud: unknown): JwtSvid {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const claims = { sub: `spiffe://${trustDomain}/w`, aud, exp, admin: true, groups: ["root"] };
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const input = `${encode({ alg: "ES256", kid: "k" })}.${encode(claims)}`;
  const signature = sign("sha256", Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" });
  const bundle = new JwtBundle(TrustDomain.parse(trustDomain), [{ keyId: "k", publicKey }]);
  const token = `${input}.${signature.toString("base64url")}`;
  return verifyJwtSvid(token, BundleSet.of(bundle), { audience: ["a"], now });
}

it("SVID-06 WLAPI-33 of a foreign token only sub, aud and exp are passed on", () => {
  expect(passedClaims(svidOf("other.test", ["a", "b"]), "example.org")).toEqual({
    sub: "spiffe://other.test/w",
    aud: ["a", "b"],
    exp,
  });
});

it("SVID-06 a trust domain whose name only contains the own one is foreign", () => {
  for (const name of ["a.example.org", "example.org.a", "xexample.org"])
    expect(Object.keys(passedClaims(svidOf(name, "a"), "example.org"))).toEqual(["sub", "aud", "exp"]);
});

it("WLAPI-33 of an own token all claims are passed on, aud as a list", () => {
  expect(passedClaims(svidOf("example.org", "a"), "example.org")).toEqual({
    sub: "spiffe://example.org/w",
    aud: ["a"],
    exp,
    admin: true,
    groups: ["root"],
  });
});
