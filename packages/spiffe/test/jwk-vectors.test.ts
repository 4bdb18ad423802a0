// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readCompactJws, type CompactJws } from "../src/compact-jws.ts";
import { JwtBundle, JwtSvidError, TrustDomain } from "../src/index.ts";
import { isSignedWith } from "../src/jws-signature.ts";

interface Vector {
  readonly tcId: number;
  readonly comment: string;
  readonly jws?: unknown;
  readonly jwe?: unknown;
  readonly result: "valid" | "invalid";
}

interface Group {
  readonly private: Readonly<Record<string, unknown>>;
  readonly public?: Readonly<Record<string, unknown>>;
  readonly tests: readonly Vector[];
}

// Paths are relative to the project's root, where the tests are run from.
const groupsOf = (name: string): readonly Group[] => {
  const text = readFileSync(`../shared/vectors/wycheproof/${name}_test.json`, "utf8");
  return (JSON.parse(text) as { testGroups: readonly Group[] }).testGroups;
};
const td = TrustDomain.parse("td");

function readToken(token: string): CompactJws | undefined {
  try {
    return readCompactJws(token);
  } catch (error) {
    if (error instanceof JwtSvidError) return undefined;
    throw error;
  }
}

/** As `verifyJwtSvid` does it up to the signature; the vectors' payloads are no claims. The keys go through the bundle's own reader. */
function isAccepted({ private: privateKey, public: publicKey }: Group, { jws, jwe }: Vector): boolean {
  const own = publicKey ?? privateKey;
  const keys = Array.isArray(own["keys"]) ? own["keys"] : [own];
  const bundle = JwtBundle.fromJwks(td, JSON.stringify({ keys }));
  const token = jws ?? jwe;
  const read = readToken(typeof token === "string" ? token : JSON.stringify(token));
  const authority = read === undefined ? undefined : bundle.authority(read.keyId);
  return read !== undefined && authority !== undefined && isSignedWith(read, authority);
}

/** Why a valid vector is not for JWT-SVIDs. */
function reasonAgainst({ private: key }: Group, { jwe }: Vector): string | undefined {
  if (jwe !== undefined) return "encrypted: a JWT-SVID is signed (JWT-SVID §2)";
  const keys: readonly unknown[] = Array.isArray(key["keys"]) ? key["keys"] : [key];
  const symmetric = keys.every((jwk) => (jwk as { kty?: unknown }).kty === "oct");
  return symmetric ? "HMAC: not among the nine algorithms (JWT-SVID §2.1)" : undefined;
}

describe.each([
  ["json_web_key", 21, { HMAC: 4, encrypted: 0, accepted: 1 }],
  ["json_web_crypto", 77, { HMAC: 2, encrypted: 2, accepted: 2 }],
])("Wycheproof vectors of %s", (name, invalid, valid) => {
  const groups = groupsOf(name);
  const cases = groups.flatMap((group) => group.tests.map((vector) => ({ group, vector })));

  it("JWT-D12 none of the invalid ones is accepted", () => {
    const refused = cases.filter(({ vector }) => vector.result === "invalid");
    expect(refused).toHaveLength(invalid);
    const accepted = refused.filter(({ group, vector }) => isAccepted(group, vector));
    expect(accepted.map(({ vector }) => `${vector.tcId} ${vector.comment}`)).toEqual([]);
  });

  it("each valid one is accepted, or of a kind that JWT-SVIDs are not", () => {
    const good = cases.filter(({ vector }) => vector.result === "valid");
    const counts = { HMAC: 0, encrypted: 0, accepted: 0 };
    for (const { group, vector } of good) {
      const reason = reasonAgainst(group, vector);
      expect([vector.tcId, isAccepted(group, vector)]).toEqual([vector.tcId, reason === undefined]);
      counts[reason === undefined ? "accepted" : reason.startsWith("HMAC") ? "HMAC" : "encrypted"] += 1;
    }
    expect(counts).toEqual(valid);
  });
});
