// SPDX-License-Identifier: Apache-2.0
import { constants, createHash, randomBytes, verify as verifySignature } from "node:crypto";
import type { Selector } from "@mayfly/registration";
import { assertAcceptableKey, type Certificate, verifyPath, X509Error } from "@mayfly/x509";
import { AttestationError } from "../../errors.ts";
import type { NodeEvidence, NodeIdentity, NodeVerifier } from "../../ports.ts";
import {
  type Answer,
  encodeChallenge,
  nonceBytes,
  parseAnswer,
  parseEvidence,
  type ProofKind,
  x509popType,
} from "./evidence.ts";

/** What checking nodes' certificates needs. */
export interface X509popVerifierOptions {
  /** Authorities of the nodes' certificates. */
  readonly roots: readonly Certificate[];
  /** Name: URI SANs `x509pop://<trust domain>/<key>/<value>` become selectors. */
  readonly trustDomain: string;
  readonly now: () => Date;
}

const clientAuth = "1.3.6.1.5.5.7.3.2";

/**
 * Accepts a node by a certificate of a configured authority and a signature over a fresh nonce. The leaf is no CA, may make digital
 * signatures, and allows client authentication where it names key purposes at all. The agent's path is `/x509pop/<SHA-1 of the leaf>`;
 * such a node may attest again. Keys are judged by their encoding before anything is computed with them.
 * `verify` throws AttestationError EVIDENCE_MALFORMED, CERTIFICATE_REFUSED, PROOF_REFUSED.
 */
export function createX509popVerifier({ roots, trustDomain, now }: X509popVerifierOptions): NodeVerifier {
  const verify = async (evidence: NodeEvidence): Promise<NodeIdentity> => {
    const [leaf, ...intermediates] = parseEvidence(evidence.payload);
    const path = trustedPath(leaf, intermediates, roots, now());
    const kind = leaf.publicKey.asymmetricKeyType === "rsa" ? "rsa_signature" : "ecdsa_signature";
    const nonce = randomBytes(nonceBytes);
    const answer = parseAnswer(await evidence.challenge(encodeChallenge(kind, nonce)), kind);
    if (answer === undefined) throw unproven(`expecting ${kind === "rsa_signature" ? "RSA" : "ECDSA"} response`);
    assertProof(leaf, nonce, answer);
    const agentPath = `/${x509popType}/${sha1(leaf.der)}`;
    return { agentPath, selectors: selectorsOf(path, trustDomain), canReattest: true };
  };
  return { type: x509popType, verify };
}

function trustedPath(
  leaf: Certificate,
  intermediates: Certificate[],
  roots: readonly Certificate[],
  now: Date,
): Certificate[] {
  try {
    for (const { spki } of [leaf, ...intermediates]) assertAcceptableKey(spki);
    const path = verifyPath(leaf, intermediates, roots, { now, eku: clientAuth, strict: false });
    if (leaf.isCa) throw refused("the leaf is a CA");
    if (leaf.keyUsage?.digitalSignature !== true) throw refused("the leaf may not make digital signatures");
    return path;
  } catch (error) {
    if (error instanceof X509Error) throw refused(error.message, { cause: error });
    throw error;
  }
}

function assertProof(leaf: Certificate, challengeNonce: Uint8Array, answer: Answer): void {
  if (answer.nonce.length !== nonceBytes) throw unproven("the nonce has a wrong length");
  const signed = Buffer.concat([challengeNonce, answer.nonce]);
  const valid =
    answer.kind === "rsa_signature" ? isRsaProof(leaf, signed, answer.signature) : isEcdsaProof(leaf, signed, answer);
  if (!valid) throw unproven(`${label(answer.kind)} signature verify failed`);
}

function label(kind: ProofKind): string {
  return kind === "rsa_signature" ? "RSA" : "ECDSA";
}

function isRsaProof({ publicKey }: Certificate, signed: Uint8Array, signature: Uint8Array): boolean {
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  const saltLength = constants.RSA_PSS_SALTLEN_AUTO;
  return verifySignature("sha256", signed, { key: publicKey, padding, saltLength }, signature);
}

const integerBytes: Readonly<Record<string, number>> = { prime256v1: 32, secp384r1: 48, secp521r1: 66 };

function isEcdsaProof(
  { publicKey }: Certificate,
  signed: Uint8Array,
  { r, s }: { r: Uint8Array; s: Uint8Array },
): boolean {
  const size = integerBytes[publicKey.asymmetricKeyDetails?.namedCurve ?? ""];
  if (size === undefined || r.length > size || s.length > size) return false;
  const signature = Buffer.alloc(2 * size);
  signature.set(r, size - r.length);
  signature.set(s, 2 * size - s.length);
  return verifySignature("sha256", signed, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature);
}

function selectorsOf([leaf, ...authorities]: readonly Certificate[], trustDomain: string): Selector[] {
  if (leaf === undefined) return [];
  const values = [
    ...(leaf.commonName ? [`subject:cn:${leaf.commonName}`] : []),
    ...new Set(authorities.map(({ der }) => `ca:fingerprint:${sha1(der)}`)),
    `serialnumber:${evenHex(leaf.serialNumber)}`,
    ...leaf.uris.flatMap((uri) => sanSelector(uri, trustDomain)),
  ];
  return values.map((value) => ({ type: x509popType, value }));
}

function sanSelector(uri: string, trustDomain: string): string[] {
  const start = `${x509popType}://${trustDomain}/`;
  if (!uri.startsWith(start)) return [];
  const [key, ...value] = uri.slice(start.length).split("/");
  return key && value.join("/") !== "" ? [`san:${key}:${value.join("/")}`] : [];
}

function evenHex(serialNumber: bigint): string {
  const hex = serialNumber.toString(16);
  return hex.length % 2 === 0 ? hex : `0${hex}`;
}

function sha1(bytes: Uint8Array): string {
  return createHash("sha1").update(bytes).digest("hex");
}

function refused(problem: string, options?: ErrorOptions): AttestationError {
  return new AttestationError(
    "CERTIFICATE_REFUSED",
    `nodeattestor(x509pop): certificate verification failed: ${problem}`,
    options,
  );
}

function unproven(problem: string): AttestationError {
  return new AttestationError(
    "PROOF_REFUSED",
    `nodeattestor(x509pop): challenge response verification failed: ${problem}`,
  );
}
