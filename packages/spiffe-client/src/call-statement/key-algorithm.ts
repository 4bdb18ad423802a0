// SPDX-License-Identifier: Apache-2.0
import { constants, type KeyObject, type SignKeyObjectInput } from "node:crypto";

/** A JWS algorithm (RFC 7518 §3.1, RFC 8037 §3.1) with what node:crypto needs for it. */
export interface KeyAlgorithm {
  readonly name: "ES256" | "ES384" | "PS256" | "EdDSA";
  /** undefined where the algorithm has its own. */
  readonly digest: "sha256" | "sha384" | undefined;
  readonly options: Omit<SignKeyObjectInput, "key">;
}

const ecdsa = { dsaEncoding: "ieee-p1363" } as const;

/** The one algorithm that a key of an SVID signs call statements with; undefined for keys that do not. */
export function keyAlgorithm(key: KeyObject): KeyAlgorithm | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === "ed25519") return { name: "EdDSA", digest: undefined, options: {} };
  if (type === "rsa") {
    const options = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
    return { name: "PS256", digest: "sha256", options };
  }
  if (type !== "ec") return undefined;
  if (details?.namedCurve === "prime256v1") return { name: "ES256", digest: "sha256", options: ecdsa };
  if (details?.namedCurve === "secp384r1") return { name: "ES384", digest: "sha384", options: ecdsa };
  return undefined;
}
