// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type {
  JWTBundlesResponse,
  JWTSVIDResponse,
  WITBundlesResponse,
  WITSVIDResponse,
  X509BundlesResponse,
  X509SVIDResponse,
} from "@mayfly/rpc";
import { TestCa } from "@mayfly/testkit";

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** ES256, whatever the header says. */
function signToken(header: object, claims: object, key: KeyObject): string {
  const input = `${encode(header)}.${encode(claims)}`;
  const signature = sign("sha256", Buffer.from(input), { key, dsaEncoding: "ieee-p1363" });
  return `${input}.${signature.toString("base64url")}`;
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}

/** What a good Workload API would say: two identities of example.org, one with a hint, and a foreign trust domain. */
export class ModelIdentity {
  readonly ca: TestCa = TestCa.create();
  readonly nextCa: TestCa = TestCa.create();
  readonly foreignCa: TestCa = TestCa.create({ trustDomain: "other.test" });
  readonly ids: readonly string[] = ["spiffe://example.org/a", "spiffe://example.org/b"];
  readonly hints: readonly string[] = ["", "b"];
  readonly jwtKeys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
  });
  readonly #witKey = generateKeyPairSync("ec", { namedCurve: "P-256" });

  /** The state; after a rotation there is another authority beside the first, and the SVIDs are new. */
  x509(isRotated = false): X509SVIDResponse {
    return {
      svids: this.ids.map((spiffe_id, index) => {
        const { chain, privateKey } = this.ca.intermediate().issue(spiffe_id.slice("spiffe://example.org".length));
        return {
          spiffe_id,
          x509_svid: Buffer.concat(chain),
          x509_svid_key: privateKey.export({ format: "der", type: "pkcs8" }),
          bundle: this.#bundle(isRotated),
          hint: this.hints[index] ?? "",
        };
      }),
      crl: [],
      federated_bundles: { "spiffe://other.test": Buffer.from(this.foreignCa.certificate) },
    };
  }

  x509Bundles(isRotated = false): X509BundlesResponse {
    const foreign = Buffer.from(this.foreignCa.certificate);
    return { crl: [], bundles: { "spiffe://example.org": this.#bundle(isRotated), "spiffe://other.test": foreign } };
  }

  jwtBundles(isRotated = false): JWTBundlesResponse {
    const next = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
    const keys = [jwkOf(this.jwtKeys.publicKey, "k1"), ...(isRotated ? [jwkOf(next, "k2")] : [])];
    return { bundles: { "spiffe://example.org": Buffer.from(JSON.stringify({ keys })) } };
  }

  token(sub: string, aud: readonly string[]): string {
    const claims = { sub, aud, exp: now() + 300, iat: now() };
    return signToken({ alg: "ES256", kid: "k1", typ: "JWT" }, claims, this.jwtKeys.privateKey);
  }

  jwt(ids: readonly string[], audience: readonly string[]): JWTSVIDResponse {
    return {
      svids: ids.map((spiffe_id) => ({
        spiffe_id,
        svid: this.token(spiffe_id, audience),
        hint: this.#hint(spiffe_id),
      })),
    };
  }

  wit(): WITSVIDResponse {
    return {
      svids: this.ids.map((spiffe_id) => {
        const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
        const jwk = { ...publicKey.export({ format: "jwk" }), alg: "ES256" };
        const claims = { sub: spiffe_id, exp: now() + 300, cnf: { jwk } };
        const wit_svid = signToken({ alg: "ES256", kid: "w1", typ: "wit+jwt" }, claims, this.#witKey.privateKey);
        const wit_svid_key = JSON.stringify(privateKey.export({ format: "jwk" }));
        return { spiffe_id, wit_svid, wit_svid_key, hint: this.#hint(spiffe_id) };
      }),
    };
  }

  witBundles(): WITBundlesResponse {
    const keys = [{ ...jwkOf(this.#witKey.publicKey, "w1"), use: "wit-svid" }];
    return { bundles: { "spiffe://example.org": JSON.stringify({ keys }) } };
  }

  #bundle(isRotated: boolean): Buffer {
    const authorities = isRotated ? [this.ca, this.nextCa] : [this.ca];
    return Buffer.concat(authorities.map(({ certificate }) => certificate));
  }

  #hint(id: string): string {
    return this.hints[this.ids.indexOf(id)] ?? "";
  }
}

function jwkOf(key: KeyObject, kid: string): object {
  return { ...key.export({ format: "jwk" }), kid };
}
