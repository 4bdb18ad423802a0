// SPDX-License-Identifier: Apache-2.0
import { constants, generateKeyPairSync, sign } from "node:crypto";
import { now, type Keys } from "./certificate-maker.ts";

export const seconds = now.getTime() / 1000;

export const encode = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** Compact signature over the input, by the algorithm's own rules. */
function signature(algorithm: string, input: string, { privateKey: key }: Keys): string {
  const hash = `sha${algorithm.slice(2)}`;
  const data = Buffer.from(input);
  if (algorithm.startsWith("ES")) return sign(hash, data, { key, dsaEncoding: "ieee-p1363" }).toString("base64url");
  if (algorithm.startsWith("RS")) return sign(hash, data, key).toString("base64url");
  const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
  return sign(hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }).toString("base64url");
}

export const goodHeader = { alg: "ES256", kid: "k1", typ: "JWT" };
export const goodClaims = { sub: "spiffe://td/w", aud: ["db"], exp: seconds + 300, iat: seconds };

export interface TokenSpec {
  /** Replaces members of the good header; undefined removes one. */
  readonly header?: Readonly<Record<string, unknown>> | string;
  readonly claims?: Readonly<Record<string, unknown>> | string;
  /** What really signs; default: the header's algorithm. */
  readonly algorithm?: string;
}

/** A signed token, spiffe://td/w for "db" unless asked otherwise. */
export function makeToken(keys: Keys, spec: TokenSpec = {}): string {
  const header = typeof spec.header === "string" ? spec.header : { ...goodHeader, ...spec.header };
  const claims = typeof spec.claims === "string" ? spec.claims : { ...goodClaims, ...spec.claims };
  const input = `${encode(header)}.${encode(claims)}`;
  const named = typeof header === "string" ? "ES256" : header.alg;
  return `${input}.${signature(spec.algorithm ?? named, input, keys)}`;
}

export function rsaKeys(modulusLength = 2048): Keys {
  return generateKeyPairSync("rsa", { modulusLength });
}
