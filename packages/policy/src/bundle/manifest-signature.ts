// SPDX-License-Identifier: Apache-2.0
import { type KeyObject, sign, verify } from "node:crypto";
import { PolicyError } from "../errors.ts";
import { canonicalManifest, type Manifest, parseManifest } from "./manifest.ts";

// What is signed can't be taken for anything else that the key may sign.
const domain = "mayfly-policy-manifest-v1\n";

/**
 * Signs a manifest; gives the text of `manifest.sig`: base64 of Ed25519 over `mayfly-policy-manifest-v1`, a line feed and the canonical
 * manifest.
 * @throws {PolicyError} BUNDLE_MALFORMED
 * @throws {TypeError} the key is not Ed25519
 */
export function signManifest(manifest: string, privateKey: KeyObject): string {
  requireEd25519(privateKey);
  return `${sign(null, signedBytes(parseManifest(manifest)), privateKey).toString("base64")}\n`;
}

/** @throws {PolicyError} SIGNATURE_MISSING, SIGNATURE_INVALID */
export function checkSignature(manifest: Manifest, signature: string | undefined, trustedKey: KeyObject): void {
  requireEd25519(trustedKey);
  if (signature === undefined)
    throw new PolicyError("SIGNATURE_MISSING", "manifest.sig is missing, and a key is pinned");
  const text = signature.trimEnd();
  const bytes = /^[A-Za-z0-9+/]{86}==$/.test(text) ? Buffer.from(text, "base64") : new Uint8Array();
  if (!verify(null, signedBytes(manifest), trustedKey, bytes)) {
    throw new PolicyError("SIGNATURE_INVALID", "manifest.sig is not by the pinned key over this manifest");
  }
}

function signedBytes(manifest: Manifest): Uint8Array {
  return new TextEncoder().encode(domain + canonicalManifest(manifest));
}

function requireEd25519(key: KeyObject): void {
  if (key.asymmetricKeyType !== "ed25519") throw new TypeError("an Ed25519 key is needed");
}
