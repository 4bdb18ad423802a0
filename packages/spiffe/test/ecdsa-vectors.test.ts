// SPDX-License-Identifier: Apache-2.0
import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isJwsSignatureValid } from "../src/jws-algorithm.ts";

interface File {
  readonly testGroups: readonly {
    readonly publicKeyPem: string;
    readonly tests: readonly {
      readonly tcId: number;
      readonly comment: string;
      readonly msg: string;
      readonly sig: string;
      readonly result: "valid" | "invalid" | "acceptable";
    }[];
  }[];
}

// Paths are relative to the project's root, where the tests are run from.
function vectorsOf(name: string): {
  readonly name: string;
  readonly result: string;
  readonly isValid: (algorithm: string) => boolean;
}[] {
  const text = readFileSync(`../shared/vectors/wycheproof/ecdsa_${name}_p1363_test.json`, "utf8");
  return (JSON.parse(text) as File).testGroups.flatMap(({ publicKeyPem, tests }) => {
    const key = createPublicKey(publicKeyPem);
    return tests.map(({ tcId, comment, msg, sig, result }) => {
      const signed = { data: Buffer.from(msg, "hex"), signature: Buffer.from(sig, "hex") };
      return {
        name: `${tcId} ${comment}`,
        result,
        isValid: (algorithm) => isJwsSignatureValid(algorithm, key, signed),
      };
    });
  });
}

const algorithms = ["ES256", "ES384", "ES512", "RS256", "PS256", "ES256K", "none"];

describe("Wycheproof vectors of ECDSA signatures as JWS has them", () => {
  it.each([
    ["secp256r1_sha256", "ES256", 89, 173],
    ["secp384r1_sha384", "ES384", 87, 193],
    ["secp521r1_sha512", "ES512", 87, 231],
  ])(
    "JWT-03 %s by %s: %d invalid ones refused, %d valid ones accepted, by no other algorithm",
    (name, own, bad, good) => {
      const vectors = vectorsOf(name);
      const names = (result: string): string[] => vectors.filter((one) => one.result === result).map((one) => one.name);
      expect([names("invalid").length, names("valid").length, names("acceptable").length]).toEqual([bad, good, 0]);
      for (const algorithm of algorithms) {
        const accepted = vectors.filter(({ isValid }) => isValid(algorithm)).map((one) => one.name);
        expect(accepted, algorithm).toEqual(algorithm === own ? names("valid") : []);
      }
    },
  );

  it.each(["secp256r1_sha512", "secp384r1_sha512"])(
    "JWT-03 %s: a curve with another digest is no algorithm at all",
    (name) => {
      for (const algorithm of algorithms)
        expect(vectorsOf(name).filter(({ isValid }) => isValid(algorithm))).toEqual([]);
    },
  );
});
