// SPDX-License-Identifier: Apache-2.0
import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { BundleSet, JwtBundle, TrustDomain, verifyJwtSvid } from "../src/index.ts";
import { codeOf } from "./code-of.ts";

interface Recording {
  readonly fixtures: Readonly<Record<string, string>>;
  readonly cases: readonly {
    readonly rpc: string;
    readonly code: number;
    readonly request: { readonly audience?: string; readonly svid?: string };
  }[];
}

// Paths are relative to the project's root, where the tests are run from.
const file = "../shared/vectors/spire-1.13.3/workload.json";
const { fixtures, cases } = JSON.parse(readFileSync(file, "utf8")) as Recording;
const publicKey = createPublicKey({
  key: Buffer.from(fixtures["spki.jwtf"] ?? "", "base64"),
  format: "der",
  type: "spki",
});
const bundles = BundleSet.of(
  new JwtBundle(TrustDomain.parse("example.org"), []),
  new JwtBundle(TrustDomain.parse("other.test"), [{ keyId: "jwtf", publicKey }]),
  new JwtBundle(TrustDomain.parse("third.test"), []),
);

// Where SPIRE's agent answers otherwise: it takes any type, and refuses a time of issue to come, which is no rule of JWT-SVID.
const deviations: Readonly<Record<string, string>> = {
  "jwt.foreign-typ-bad": "BAD_TYP",
  "jwt.foreign-iat-future": "accepted",
};
const codes: Readonly<Record<string, string>> = {
  "jwt.foreign": "AUD_MISMATCH",
  "jwt.foreign-bad-sub": "BAD_SUB",
  "jwt.foreign-expired": "EXPIRED",
  "jwt.foreign-no-aud": "MISSING_AUD",
  "jwt.foreign-no-exp": "MISSING_EXP",
  "jwt.foreign-no-kid": "UNKNOWN_KEY",
  "jwt.foreign-no-sub": "MISSING_SUB",
  "jwt.foreign-other-kid": "UNKNOWN_KEY",
  "jwt.foreign-own-sub": "UNKNOWN_KEY",
  "jwt.foreign-third-sub": "UNKNOWN_KEY",
  "jwt.hs256": "BAD_ALG",
  "jwt.none": "BAD_ALG",
};

const validations = cases.flatMap(({ rpc, code, request }) => {
  const name = /^\$\{fixture\.(.*)\}$/.exec(request.svid ?? "")?.[1];
  if (rpc !== "/SpiffeWorkloadAPI/ValidateJWTSVID" || name === undefined) return [];
  return [{ name, code, audience: request.audience ?? "", token: fixtures[name] ?? "" }];
});

it("the recording has all its tokens", () => {
  expect(validations).toHaveLength(17);
});

it.each(validations)("SPIRE's verdict on $name is ours", ({ name, code, audience, token }) => {
  const ours = codeOf(() =>
    verifyJwtSvid(token, bundles, { audience: [audience], now: new Date("2026-11-01"), leewaySeconds: 60 }),
  );
  expect(ours).toBe(deviations[name] ?? codes[name] ?? "accepted");
  if (deviations[name] === undefined) expect(ours === "accepted").toBe(code === 0);
});
