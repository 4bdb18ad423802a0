// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { toPem, X509Error, type Certificate } from "@mayfly/x509";
import { X509SvidError } from "./errors.ts";
import type { SpiffeId } from "./spiffe-id.ts";
import { assertSvidLeaf, readChain } from "./x509-rules.ts";

const maxKeyBytes = 16_384;

/** An X.509-SVID with its private key (X509-SVID §2): well-formed and complete, but nothing is said about trust or time. Immutable. */
export class X509Svid {
  readonly id: SpiffeId;
  /** Leaf first, then intermediates. */
  readonly chain: readonly Certificate[];
  readonly privateKey: KeyObject;
  /** What the operator calls it where a workload has several; "" for none. */
  readonly hint: string;
  /** The leaf's, inclusive. */
  readonly notBefore: Date;
  /** The leaf's, inclusive. */
  readonly notAfter: Date;

  private constructor(
    id: SpiffeId,
    chain: readonly [Certificate, ...Certificate[]],
    privateKey: KeyObject,
    hint: string,
  ) {
    this.id = id;
    this.chain = chain;
    this.privateKey = privateKey;
    this.hint = hint;
    this.notBefore = chain[0].notBefore;
    this.notAfter = chain[0].notAfter;
  }

  /**
   * As the Workload API sends it: `chainDer` certificates one after the other, leaf first, at most 8 and 64 KiB; `keyPkcs8` PKCS#8, DER,
   * not encrypted.
   * @throws {X509SvidError} NO_CERTS, MALFORMED, TOO_LARGE, KEY_MISMATCH, SIGNER_NOT_CA, SIGNER_NO_KEY_CERT_SIGN and those of a leaf
   */
  static parse(chainDer: Uint8Array, keyPkcs8: Uint8Array, hint = ""): X509Svid {
    return X509Svid.of(readChain(chainDer), readPrivateKey(keyPkcs8), hint);
  }

  /** From parts already read. @throws {X509SvidError} as `parse` */
  static of(chain: readonly Certificate[], privateKey: KeyObject, hint = ""): X509Svid {
    const read = readChain(chain);
    const [leaf, ...signers] = read;
    const id = assertSvidLeaf(leaf);
    for (const signer of signers) assertSigner(signer);
    assertKeyFits(leaf, privateKey);
    return new X509Svid(id, read, privateKey, hint);
  }

  /** The chain as CERTIFICATE blocks; the key is not in it. */
  toPem(): string {
    return this.chain.map((certificate) => toPem("CERTIFICATE", certificate.der)).join("");
  }
}

/** X509-SVID §4.1 and §4.3. */
function assertSigner(signer: Certificate): void {
  if (!signer.isCa)
    throw new X509SvidError("SIGNER_NOT_CA", "the chain holds a certificate after the leaf that is no CA");
  if (signer.keyUsage?.keyCertSign !== true) {
    throw new X509SvidError("SIGNER_NO_KEY_CERT_SIGN", "the chain holds a CA that has no right to sign certificates");
  }
}

function assertKeyFits(leaf: Certificate, privateKey: KeyObject): void {
  if (!createPublicKey(privateKey).equals(publicKeyOf(leaf))) {
    throw new X509SvidError("KEY_MISMATCH", "the private key does not belong to the leaf");
  }
}

function publicKeyOf(leaf: Certificate): KeyObject {
  try {
    return leaf.publicKey;
  } catch (cause) {
    if (!(cause instanceof X509Error)) throw cause;
    throw new X509SvidError("UNSUPPORTED_KEY", "the leaf's public key can't be used", { cause });
  }
}

function readPrivateKey(pkcs8: Uint8Array): KeyObject {
  if (pkcs8.length > maxKeyBytes) throw new X509SvidError("TOO_LARGE", `a private key of ${pkcs8.length} bytes`);
  // @NOTE node:crypto overlooks what follows the key.
  if (sequenceLength(pkcs8) !== pkcs8.length)
    throw new X509SvidError("MALFORMED", "the private key is not one DER value");
  try {
    return createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" });
  } catch {
    // No cause: what OpenSSL says of a private key stays out of logs.
    throw new X509SvidError("MALFORMED", "the private key is no PKCS#8 that can be read");
  }
}

/** Whole length of the DER SEQUENCE (X.690 §8.1.3) at the start, in bytes; undefined when there is none of up to 64 KiB. */
function sequenceLength([tag, first = 0x80, high = 0, low = 0]: Uint8Array): number | undefined {
  if (tag !== 0x30) return undefined;
  if (first < 0x80) return 2 + first;
  if (first === 0x81) return 3 + high;
  return first === 0x82 ? 4 + high * 256 + low : undefined;
}
