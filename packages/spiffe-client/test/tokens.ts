// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { JwtBundle, TrustDomain } from "@mayfly/spiffe";

/** Signs JWT-SVIDs of example.org as an authority would, ES256. */
export class TokenAuthority {
  readonly #keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  readonly keyId: string;

  constructor(keyId = "k1") {
    this.keyId = keyId;
  }

  get publicKey(): KeyObject {
    return this.#keys.publicKey;
  }

  get privateKey(): KeyObject {
    return this.#keys.privateKey;
  }

  /** The JWK set of the trust domain, JSON text. */
  get jwks(): string {
    return new JwtBundle(TrustDomain.parse("example.org"), [{ keyId: this.keyId, publicKey: this.publicKey }]).toJwks();
  }

  /** A token for a path, valid for so many milliseconds (rounded up to seconds), signed with `key`. */
  issue(path: string, audience: readonly string[], { lifeMs = 300_000, key = this.privateKey } = {}): string {
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const claims = {
      sub: `spiffe://example.org${path}`,
      aud: audience,
      exp: Math.ceil((Date.now() + lifeMs) / 1000),
    };
    const signed = `${encode({ alg: "ES256", typ: "JWT", kid: this.keyId })}.${encode(claims)}`;
    const signature = sign("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" });
    return `${signed}.${signature.toString("base64url")}`;
  }
}
