// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { Crypto } from "@peculiar/webcrypto";
import type { SigningKey, WebCryptoKeys } from "../ports.ts";

/** The software provider of authority keys; a PKCS#11 module speaks the same interface. */
const provider = new Crypto();
const algorithm: EcKeyGenParams = { name: "ECDSA", namedCurve: "P-256" };

/** A P-256 key in this process: signs by OpenSSL with a key that was read once. */
export class SoftwareKey implements SigningKey {
  readonly publicKey: Uint8Array;
  readonly publicKeyObject: KeyObject;
  readonly #privateKey: KeyObject;

  private constructor(privateKey: KeyObject) {
    this.#privateKey = privateKey;
    this.publicKeyObject = createPublicKey(privateKey);
    this.publicKey = this.publicKeyObject.export({ format: "der", type: "spki" });
  }

  /** `pkcs8`: PrivateKeyInfo, DER; wiped before this returns. @throws {TypeError} when it is no P-256 key */
  static fromPkcs8(pkcs8: Uint8Array): SoftwareKey {
    try {
      const key = createPrivateKey({
        key: Buffer.from(pkcs8.buffer, pkcs8.byteOffset, pkcs8.length),
        format: "der",
        type: "pkcs8",
      });
      if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1") throw new TypeError("expected a P-256 key");
      return new SoftwareKey(key);
    } finally {
      pkcs8.fill(0);
    }
  }

  sign(data: Uint8Array, encoding: "der" | "p1363"): Uint8Array {
    const dsaEncoding = encoding === "der" ? "der" : "ieee-p1363";
    return sign("sha256", data, { key: this.#privateKey, dsaEncoding });
  }

  async webCrypto(): Promise<WebCryptoKeys> {
    const exported = this.#privateKey.export({ format: "der", type: "pkcs8" });
    const pkcs8 = Uint8Array.from(exported);
    exported.fill(0);
    try {
      const privateKey = await provider.subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]);
      const spki = Uint8Array.from(this.publicKey);
      const publicKey = await provider.subtle.importKey("spki", spki, algorithm, true, ["verify"]);
      return { provider, publicKey, privateKey };
    } finally {
      pkcs8.fill(0);
    }
  }
}

/** A fresh P-256 private key, PKCS#8 DER, made by the WebCrypto provider. The caller wipes it. */
export async function generatePkcs8(): Promise<Uint8Array> {
  const { privateKey } = await provider.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  return new Uint8Array(await provider.subtle.exportKey("pkcs8", privateKey));
}
