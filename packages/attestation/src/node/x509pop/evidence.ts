// SPDX-License-Identifier: Apache-2.0
import { Certificate } from "@mayfly/x509";
import { AttestationError } from "../../errors.ts";

/** Name of the method on the wire. */
export const x509popType = "x509pop";

/** Octets of each side's nonce. */
export const nonceBytes = 32;

const maxEvidenceBytes = 131_072;
const maxAnswerBytes = 8192;
const maxIntermediates = 4;

/** Which member of challenge and answer is used: RSASSA-PSS for RSA keys, ECDSA for EC keys, both over SHA-256 of both nonces. */
export type ProofKind = "rsa_signature" | "ecdsa_signature";

/** The node's answer to a challenge. */
export type Answer =
  | { readonly kind: "rsa_signature"; readonly nonce: Uint8Array; readonly signature: Uint8Array }
  | { readonly kind: "ecdsa_signature"; readonly nonce: Uint8Array; readonly r: Uint8Array; readonly s: Uint8Array };

/** The payload: JSON with the chain as base64 of DER, leaf first. */
export function encodeEvidence(chain: readonly Uint8Array[]): Uint8Array {
  return json({ certificates: chain.map(base64) });
}

/** The chain in a payload, leaf first; at most 4 intermediates. @throws {AttestationError} EVIDENCE_MALFORMED */
export function parseEvidence(payload: Uint8Array): [Certificate, ...Certificate[]] {
  const { certificates } = readObject(payload, maxEvidenceBytes, "failed to unmarshal data");
  if (!Array.isArray(certificates) || certificates.length === 0) throw malformed("no certificate to attest");
  if (certificates.length > 1 + maxIntermediates) throw malformed("too many intermediate certificates");
  const [leaf, ...intermediates] = certificates.map((text, index) => parseCertificate(text, index));
  if (leaf === undefined) throw malformed("no certificate to attest");
  return [leaf, ...intermediates];
}

function parseCertificate(text: unknown, index: number): Certificate {
  const what =
    index === 0 ? "unable to parse leaf certificate" : `unable to parse intermediate certificate ${index - 1}`;
  try {
    return Certificate.parse(octets(text, what));
  } catch (error) {
    throw error instanceof AttestationError ? error : malformed(what, { cause: error });
  }
}

/** The challenge: JSON with the nonce under the kind of proof. */
export function encodeChallenge(kind: ProofKind, nonce: Uint8Array): Uint8Array {
  return json({ rsa_signature: null, ecdsa_signature: null, [kind]: { nonce: base64(nonce) } });
}

/** The kind of proof that a challenge asks for, and its nonce. @throws {AttestationError} EVIDENCE_MALFORMED */
export function parseChallenge(bytes: Uint8Array): { readonly kind: ProofKind; readonly nonce: Uint8Array } {
  const what = "unable to unmarshal challenge";
  const challenge = readObject(bytes, maxAnswerBytes, what);
  const kind = isObject(challenge["rsa_signature"]) ? "rsa_signature" : "ecdsa_signature";
  const part = challenge[kind];
  if (!isObject(part)) throw malformed(what);
  const nonce = octets(part["nonce"], what);
  if (nonce.length !== nonceBytes) throw malformed(what);
  return { kind, nonce };
}

/** The answer as JSON; r and s as minimal big-endian integers. */
export function encodeAnswer(answer: Answer): Uint8Array {
  const { kind, ...parts } = answer;
  const encoded = Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, base64(value)]));
  return json({ rsa_signature: null, ecdsa_signature: null, [kind]: encoded });
}

/** The answer of the kind asked for; undefined when the node answered in another kind. @throws {AttestationError} EVIDENCE_MALFORMED */
export function parseAnswer(bytes: Uint8Array, kind: ProofKind): Answer | undefined {
  const what = "unable to unmarshal challenge response";
  const part = readObject(bytes, maxAnswerBytes, what)[kind];
  if (!isObject(part)) return undefined;
  const nonce = octets(part["nonce"], what);
  if (kind === "rsa_signature") return { kind, nonce, signature: octets(part["signature"], what) };
  return { kind, nonce, r: octets(part["r"], what), s: octets(part["s"], what) };
}

function readObject(bytes: Uint8Array, limit: number, what: string): Record<string, unknown> {
  if (bytes.length > limit) throw malformed(`${what}: more than ${limit} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    // The parser's own error repeats the input.
    throw malformed(`${what}: not JSON`);
  }
  if (!isObject(value)) throw malformed(`${what}: not an object`);
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function octets(text: unknown, what: string): Uint8Array {
  if (typeof text !== "string") throw malformed(`${what}: a member is missing`);
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw malformed(`${what}: a member is not base64`);
  return bytes;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function json(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function malformed(problem: string, options?: ErrorOptions): AttestationError {
  return new AttestationError("EVIDENCE_MALFORMED", `nodeattestor(${x509popType}): ${problem}`, options);
}
