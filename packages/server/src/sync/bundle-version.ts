// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import type { StoredBundle } from "@mayfly/registration";

const known = new WeakMap<StoredBundle, string>();

/** Opaque version of a bundle's whole content: changes with an authority, a taint or the sequence number. Remembered per object. */
export function bundleVersion(bundle: StoredBundle): string {
  let version = known.get(bundle);
  if (version === undefined) {
    const text = JSON.stringify(content(bundle));
    version = createHash("sha256").update(text).digest("base64url").slice(0, 22);
    known.set(bundle, version);
  }
  return version;
}

function content(bundle: StoredBundle): readonly unknown[] {
  return [
    String(bundle.sequenceNumber),
    bundle.refreshHint,
    bundle.x509Authorities.map(({ der, tainted }) => [base64(der), tainted]),
    bundle.jwtAuthorities.map((key) => [key.keyId, base64(key.publicKey), key.expiresAt, key.tainted]),
  ];
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
