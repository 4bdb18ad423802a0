// SPDX-License-Identifier: Apache-2.0
import { createHash, verify } from "node:crypto";
import { ApprovalError } from "../errors.ts";
import { decodeBase64 } from "./decode-base64.ts";
import { type OperatorKey, operatorKeyFromBlob } from "./operator-key.ts";
import { SshReader, sshString } from "./ssh-reader.ts";

/** The namespace that operators sign approvals in: `ssh-keygen -Y sign -n mayfly-approval`. */
export const approvalNamespace = "mayfly-approval";

/** What an SSH signature says about itself (OpenSSH PROTOCOL.sshsig, version 1). Nothing is verified yet. */
export interface SshSignature {
  readonly key: OperatorKey;
  readonly namespace: string;
  readonly hash: "sha256" | "sha512";
  /** Kept as it came: it is part of what is signed. */
  readonly reserved: Buffer;
  /** Ed25519, 64 bytes. */
  readonly signature: Buffer;
}

const maxText = 4096;
const magic = "SSHSIG";
const armor = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----\n?$/;
const signatureBytes = 64;

/** Whether a text claims to be an SSH signature. */
export function isSshSignature(text: string): boolean {
  return text.startsWith("-----BEGIN SSH SIGNATURE-----");
}

/** Reads the armored form. @throws {ApprovalError} SIGNATURE_MALFORMED, SIGNATURE_UNSUPPORTED, KEY_INVALID */
export function parseSshSignature(text: string): SshSignature {
  const body = text.length <= maxText ? armor.exec(text.replaceAll("\r\n", "\n"))?.[1] : undefined;
  const bytes = body === undefined ? undefined : decodeBase64(body.replaceAll("\n", ""));
  if (bytes === undefined) throw malformed();
  try {
    return readSignature(new SshReader(bytes));
  } catch (cause) {
    if (cause instanceof RangeError) throw malformed(cause);
    throw cause;
  }
}

/** Whether the signature is over `message`, in its own namespace and under its own key. */
export function isSignatureOf(signature: SshSignature, message: Uint8Array): boolean {
  const digest = createHash(signature.hash).update(message).digest();
  const parts = [signature.namespace, signature.reserved, signature.hash, digest].map(sshString);
  const signed = Buffer.concat([Buffer.from(magic, "latin1"), ...parts]);
  return verify(null, signed, signature.key.publicKey, signature.signature);
}

function readSignature(reader: SshReader): SshSignature {
  if (reader.bytes(magic.length).toString("latin1") !== magic) throw malformed();
  if (reader.uint32() !== 1) throw new ApprovalError("SIGNATURE_UNSUPPORTED", "an SSH signature of another version");
  const key = operatorKeyFromBlob(reader.string());
  const namespace = reader.name();
  const reserved = reader.string();
  const hash = reader.name();
  if (hash !== "sha256" && hash !== "sha512") throw new ApprovalError("SIGNATURE_UNSUPPORTED", "another hash");
  const inner = new SshReader(reader.string());
  reader.end();
  if (inner.name() !== "ssh-ed25519") throw new ApprovalError("SIGNATURE_UNSUPPORTED", "another kind of signature");
  const signature = inner.string();
  inner.end();
  if (signature.length !== signatureBytes) throw malformed();
  return { key, namespace, hash, reserved, signature };
}

function malformed(cause?: unknown): ApprovalError {
  return new ApprovalError("SIGNATURE_MALFORMED", "not an SSH signature", { cause });
}
