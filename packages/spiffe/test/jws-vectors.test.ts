// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readCompactJws, type CompactJws } from "../src/compact-jws.ts";
import { JwtBundle, SpiffeError, TrustDomain, verifyJwtSvid } from "../src/index.ts";
import { isSignedWith } from "../src/jws-signature.ts";

interface Vector {
  readonly tcId: number;
  readonly comment: string;
  readonly jws: unknown;
  readonly result: "valid" | "invalid" | "acceptable";
}

interface Group {
  readonly private: Readonly<Record<string, unknown>>;
  readonly public?: Readonly<Record<string, unknown>>;
  readonly tests: readonly Vector[];
}

// Paths are relative to the project's root, where the tests are run from.
const file = "../shared/vectors/wycheproof/json_web_signature_test.json";
const { testGroups } = JSON.parse(readFileSync(file, "utf8")) as { testGroups: readonly Group[] };
const td = TrustDomain.parse("td");

/** The signature part of verification, as `verifyJwtSvid` does it; the vectors' payloads are no claims. */
function isAccepted(bundle: JwtBundle, token: string): boolean {
  let jws: CompactJws;
  try {
    jws = readCompactJws(token);
  } catch (error) {
    if (error instanceof SpiffeError) return false;
    throw error;
  }
  return bundle.authorities.some((authority) => isSignedWith(jws, authority));
}

const cases = testGroups.flatMap((group) => {
  const jwk = group.public ?? group.private;
  const bundle = JwtBundle.fromJwks(td, JSON.stringify({ keys: [{ ...jwk, kid: jwk["kid"] ?? "k1" }] }));
  return group.tests.map((vector) => {
    const token = typeof vector.jws === "string" ? vector.jws : JSON.stringify(vector.jws);
    return { ...vector, token, bundle, jwk };
  });
});

const hmac = "HMAC: not among the nine algorithms (JWT-SVID §2.1)";
// Figures 20 and 27 of RFC 7520, as the vectors have them: keys whose own alg is PS256 and the misspelt ES521.
const otherAlgorithm = "the key's own alg is another than the token's (RFC 7517 §4.4)";

/** Why a valid vector is not for JWT-SVIDs. */
function reasonAgainst({ token, jwk }: (typeof cases)[number]): string | undefined {
  if (jwk["kty"] === "oct") return hmac;
  const header = JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()) as { alg: unknown };
  return header.alg === jwk["alg"] ? undefined : otherAlgorithm;
}

describe("Wycheproof vectors of JSON web signatures", () => {
  it("JWT-D12 all 355 invalid ones are refused", () => {
    const invalid = cases.filter(({ result }) => result === "invalid");
    expect(invalid).toHaveLength(355);
    const accepted = invalid.filter(({ bundle, token }) => isAccepted(bundle, token));
    expect(accepted.map(({ tcId, comment }) => `${tcId} ${comment}`)).toEqual([]);
  });

  it("the valid ones are accepted, or of a kind that JWT-SVIDs are not", () => {
    const counts: Record<string, number> = {};
    for (const vector of cases.filter(({ result }) => result === "valid")) {
      const reason = reasonAgainst(vector);
      const accepted = isAccepted(vector.bundle, vector.token);
      expect([vector.tcId, accepted]).toEqual([vector.tcId, reason === undefined]);
      counts[reason ?? "accepted"] = (counts[reason ?? "accepted"] ?? 0) + 1;
    }
    expect(counts).toEqual({ accepted: 32, [hmac]: 10, [otherAlgorithm]: 4 });
  });

  it("none is taken for a JWT-SVID, and none fails without a code", () => {
    for (const { bundle, token, tcId } of cases) {
      let code: unknown;
      try {
        verifyJwtSvid(token, { get: () => bundle }, { audience: ["db"], now: new Date(0) });
      } catch (error) {
        code = error instanceof SpiffeError ? error.code : error;
      }
      expect([tcId, typeof code]).toEqual([tcId, "string"]);
    }
  });
});
