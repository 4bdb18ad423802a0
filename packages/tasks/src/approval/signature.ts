// SPDX-License-Identifier: Apache-2.0
import { verify } from "node:crypto";
import { ApprovalError } from "../errors.ts";
import { decodeBase64 } from "./decode-base64.ts";
import { type OperatorKey, parseOperatorKey } from "./operator-key.ts";
import { approvalNamespace, isSignatureOf, isSshSignature, parseSshSignature } from "./ssh-signature.ts";

const rawSignature = /^[A-Za-z0-9+/]{86}==$/;

/**
 * Verifies a signature over the octets of `approvalPayload`: an armored SSH signature of the namespace `mayfly-approval`, or base64 of 64
 * bytes of Ed25519 (RFC 8032) over the octets themselves. Gives the key of `keys` (`ssh-ed25519 AAAA…`) that made it.
 * @throws {ApprovalError} SIGNATURE_MALFORMED, SIGNATURE_UNSUPPORTED, WRONG_NAMESPACE, KEY_NOT_REGISTERED, BAD_SIGNATURE, KEY_INVALID
 */
export function verifyApprovalSignature(payload: Uint8Array, signature: string, keys: readonly string[]): OperatorKey {
  const registered = keys.map(parseOperatorKey);
  return isSshSignature(signature)
    ? verifySsh(payload, signature, registered)
    : verifyRaw(payload, signature, registered);
}

function verifySsh(payload: Uint8Array, text: string, keys: readonly OperatorKey[]): OperatorKey {
  const signature = parseSshSignature(text);
  if (signature.namespace !== approvalNamespace) {
    throw new ApprovalError("WRONG_NAMESPACE", `expected a signature in the namespace ${approvalNamespace}`);
  }
  const key = keys.find(({ blob }) => blob.equals(signature.key.blob));
  if (key === undefined)
    throw new ApprovalError("KEY_NOT_REGISTERED", `the key ${signature.key.fingerprint} is not the operator's`);
  if (!isSignatureOf(signature, payload)) throw badSignature();
  return key;
}

function verifyRaw(payload: Uint8Array, text: string, keys: readonly OperatorKey[]): OperatorKey {
  const signature = rawSignature.test(text) ? decodeBase64(text) : undefined;
  if (signature === undefined) {
    throw new ApprovalError("SIGNATURE_MALFORMED", "expected an armored SSH signature or base64 of 64 bytes");
  }
  const key = keys.find(({ publicKey }) => verify(null, payload, publicKey, signature));
  if (key === undefined) throw badSignature();
  return key;
}

function badSignature(): ApprovalError {
  return new ApprovalError("BAD_SIGNATURE", "the signature is not one of the operator over this request and decision");
}
