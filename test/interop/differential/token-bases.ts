// SPDX-License-Identifier: Apache-2.0
import { constants, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** A key that signs tokens. */
export interface TokenKey {
  readonly keyId: string;
  readonly algorithm: string;
  readonly privateKey: KeyObject;
  readonly jwk: Readonly<Record<string, unknown>>;
}

const makers: readonly (readonly [string, () => { readonly publicKey: KeyObject; readonly privateKey: KeyObject }])[] =
  [
    ["ES256", () => generateKeyPairSync("ec", { namedCurve: "P-256" })],
    ["ES384", () => generateKeyPairSync("ec", { namedCurve: "P-384" })],
    ["ES512", () => generateKeyPairSync("ec", { namedCurve: "P-521" })],
    ["RS256", () => generateKeyPairSync("rsa", { modulusLength: 2048 })],
    ["RS512", () => generateKeyPairSync("rsa", { modulusLength: 2048 })],
    ["PS256", () => generateKeyPairSync("rsa", { modulusLength: 2048 })],
    ["PS384", () => generateKeyPairSync("rsa", { modulusLength: 2048 })],
  ];

/** One key for each kind of signature. */
export function tokenKeys(prefix: string): TokenKey[] {
  return makers.map(([algorithm, make]) => {
    const { publicKey, privateKey } = make();
    const keyId = `${prefix}-${algorithm}`;
    return { keyId, algorithm, privateKey, jwk: { ...publicKey.export({ format: "jwk" }), kid: keyId } };
  });
}

/** The octets of a signature as JWS has them (RFC 7518 §3). */
export function signInput(algorithm: string, input: string, key: KeyObject): Buffer {
  const hash = `sha${algorithm.slice(2)}`;
  const data = Buffer.from(input, "latin1");
  const isPss = algorithm.startsWith("PS");
  if (key.asymmetricKeyType === "ec") return sign(hash, data, { key, dsaEncoding: "ieee-p1363" });
  if (!isPss) return sign(hash, data, key);
  return sign(hash, data, {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  });
}
