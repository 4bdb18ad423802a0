// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, randomBytes, sign } from "node:crypto";

/** Minimal big-endian form, as Go's big.Int has it. */
function minimal(bytes: Buffer): string {
  let from = 0;
  while (from < bytes.length - 1 && bytes[from] === 0) from += 1;
  return bytes.subarray(from).toString("base64");
}

/** The answer of an EC key to an x509pop challenge, as JSON bytes. */
export function answerChallenge(challenge: Buffer, keyPkcs8: Buffer): Buffer {
  const { ecdsa_signature: asked } = JSON.parse(challenge.toString("utf8")) as { ecdsa_signature: { nonce: string } };
  const nonce = randomBytes(32);
  const key = createPrivateKey({ key: keyPkcs8, format: "der", type: "pkcs8" });
  const data = Buffer.concat([Buffer.from(asked.nonce, "base64"), nonce]);
  const signature = sign("sha256", data, { key, dsaEncoding: "ieee-p1363" });
  const half = signature.length / 2;
  const answer = {
    rsa_signature: null,
    ecdsa_signature: {
      nonce: nonce.toString("base64"),
      r: minimal(signature.subarray(0, half)),
      s: minimal(signature.subarray(half)),
    },
  };
  return Buffer.from(JSON.stringify(answer));
}
