// SPDX-License-Identifier: Apache-2.0
import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { ApprovalError } from "../errors.ts";
import { decodeBase64 } from "./decode-base64.ts";
import { SshReader } from "./ssh-reader.ts";
import { isWeak } from "./weak-point.ts";

/** An operator's public key. */
export interface OperatorKey {
  /** The SSH encoding (RFC 8709 §4). */
  readonly blob: Buffer;
  /** Ed25519. */
  readonly publicKey: KeyObject;
  /** `SHA256:…`, as ssh-keygen shows it. */
  readonly fingerprint: string;
}

const type = "ssh-ed25519";
const line = /^ssh-ed25519 ([A-Za-z0-9+/]{68}={0,2})(?: [^\p{Cc}]{0,200})?$/u;
const keyBytes = 32;

/**
 * Reads `ssh-ed25519 AAAA… comment`, one line as in a `.pub` file, without a line feed.
 * @throws {ApprovalError} KEY_INVALID
 */
export function parseOperatorKey(text: string): OperatorKey {
  const encoded = text.length <= 400 ? line.exec(text)?.[1] : undefined;
  const blob = encoded === undefined ? undefined : decodeBase64(encoded);
  if (blob === undefined) throw new ApprovalError("KEY_INVALID", "expected a public key as ssh-ed25519 AAAA…");
  const key = operatorKeyFromBlob(blob);
  if (isWeak(blob.subarray(-keyBytes))) throw new ApprovalError("KEY_INVALID", "a key that anybody can sign under");
  return key;
}

/** From the SSH encoding; whether it is weak is not looked at. @throws {ApprovalError} KEY_INVALID, SIGNATURE_UNSUPPORTED for keys of another type */
export function operatorKeyFromBlob(blob: Buffer): OperatorKey {
  try {
    const reader = new SshReader(blob);
    const name = reader.name();
    if (name !== type) throw new ApprovalError("SIGNATURE_UNSUPPORTED", `only ${type} keys are taken`);
    const x = reader.string();
    reader.end();
    if (x.length !== keyBytes) throw new RangeError("a key of another length");
    const publicKey = createPublicKey({
      key: { kty: "OKP", crv: "Ed25519", x: x.toString("base64url") },
      format: "jwk",
    });
    const fingerprint = createHash("sha256").update(blob).digest("base64").replace(/=+$/, "");
    return { blob, publicKey, fingerprint: `SHA256:${fingerprint}` };
  } catch (cause) {
    if (cause instanceof ApprovalError) throw cause;
    throw new ApprovalError("KEY_INVALID", "not an Ed25519 public key", { cause });
  }
}

/** `ssh-ed25519 AAAA…`, without comment: one text for one key. */
export function formatOperatorKey({ blob }: OperatorKey): string {
  return `${type} ${blob.toString("base64")}`;
}
