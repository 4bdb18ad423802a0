// SPDX-License-Identifier: Apache-2.0
import { constants, type KeyObject, randomBytes, sign } from "node:crypto";
import { AttestationError } from "../../errors.ts";
import type { NodeAttestor } from "../../ports.ts";
import { type Answer, encodeAnswer, encodeEvidence, nonceBytes, parseChallenge, x509popType } from "./evidence.ts";

/** A certificate of the node and its key. */
export interface X509popAttestorOptions {
  /** DER, leaf first, intermediates after it; the root is not needed. */
  readonly chain: readonly Uint8Array[];
  readonly privateKey: KeyObject;
}

/**
 * Proves a node by a certificate that it has already: sends the chain and signs the server's nonce together with one of its own. The key
 * is EC or RSA. `respond` throws AttestationError EVIDENCE_MALFORMED, UNEXPECTED_CHALLENGE (of the other kind of key).
 */
export function createX509popAttestor({ chain, privateKey }: X509popAttestorOptions): NodeAttestor {
  const respond = async (challenge: Uint8Array): Promise<Uint8Array> => {
    const { kind, nonce: theirs } = parseChallenge(challenge);
    const expected = privateKey.asymmetricKeyType === "rsa" ? "rsa_signature" : "ecdsa_signature";
    if (kind !== expected)
      throw new AttestationError("UNEXPECTED_CHALLENGE", "the challenge is for another kind of key");
    const nonce = randomBytes(nonceBytes);
    return encodeAnswer(answer(privateKey, nonce, Buffer.concat([theirs, nonce])));
  };
  return { type: x509popType, evidence: async () => encodeEvidence(chain), respond };
}

function answer(privateKey: KeyObject, nonce: Uint8Array, signed: Uint8Array): Answer {
  if (privateKey.asymmetricKeyType === "rsa") {
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    const saltLength = constants.RSA_PSS_SALTLEN_MAX_SIGN;
    return {
      kind: "rsa_signature",
      nonce,
      signature: sign("sha256", signed, { key: privateKey, padding, saltLength }),
    };
  }
  const raw = sign("sha256", signed, { key: privateKey, dsaEncoding: "ieee-p1363" });
  const half = raw.length / 2;
  return { kind: "ecdsa_signature", nonce, r: minimal(raw.subarray(0, half)), s: minimal(raw.subarray(half)) };
}

function minimal(integer: Uint8Array): Uint8Array {
  const first = integer.findIndex((octet) => octet !== 0);
  return integer.subarray(first === -1 ? integer.length : first);
}
