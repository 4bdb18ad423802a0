// SPDX-License-Identifier: Apache-2.0
import { createHash, createPublicKey, type KeyObject, sign } from "node:crypto";
import { sshString } from "../src/approval/ssh-reader.ts";

/** What `ssh-keygen -Y sign -n mayfly-approval` makes of octets: armored (OpenSSH PROTOCOL.sshsig, version 1). */
export function sshSignature(
  message: Uint8Array,
  privateKey: KeyObject,
  { hash = "sha512" }: { readonly hash?: "sha256" | "sha512" } = {},
): string {
  const raw = Buffer.from(String(createPublicKey(privateKey).export({ format: "jwk" }).x), "base64url");
  const magic = Buffer.from("SSHSIG");
  const about = ["mayfly-approval", "", hash].map(sshString);
  const digest = createHash(hash).update(message).digest();
  const made = sign(null, Buffer.concat([magic, ...about, sshString(digest)]), privateKey);
  const key = Buffer.concat([sshString("ssh-ed25519"), sshString(raw)]);
  const signature = Buffer.concat([sshString("ssh-ed25519"), sshString(made)]);
  const blob = Buffer.concat([magic, Buffer.from([0, 0, 0, 1]), sshString(key), ...about, sshString(signature)]);
  const lines = blob.toString("base64").match(/.{1,70}/g) ?? [];
  return ["-----BEGIN SSH SIGNATURE-----", ...lines, "-----END SSH SIGNATURE-----", ""].join("\n");
}
