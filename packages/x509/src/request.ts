// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from "node:crypto";
import { DerReader, TAG } from "./der.ts";
import { X509Error } from "./errors.ts";
import { readExtensions, type Extension } from "./extension.ts";
import { parseGeneralNames, textNames, type GeneralName } from "./general-name.ts";
import { maxRequestBytes } from "./limits.ts";
import { nameCommonName, readName, type DistinguishedName } from "./name.ts";
import { OID } from "./oid.ts";
import { assertAcceptableKey, importPublicKey, parsePublicKeyInfo } from "./public-key.ts";
import { isSignatureValid, readAlgorithm, type AlgorithmIdentifier } from "./signature.ts";

/**
 * A PKCS#10 certificate request (RFC 2986), read from strict DER. It is what somebody wishes for: only its key is proven, and only
 * by `verify`. Byte fields are views on a copy of the input: do not write to them.
 */
export class CertificateRequest {
  /** The whole request. */
  readonly der: Uint8Array;
  /** CertificationRequestInfo, DER: what is signed. */
  readonly info: Uint8Array;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** Name, DER. */
  readonly subjectDer: Uint8Array;
  /** The requested extensions in encoded order; empty without the attribute. */
  readonly extensions: readonly Extension[];
  /** Requested subject alternative names, in encoded order. */
  readonly subjectAltNames: readonly GeneralName[];
  /** Requested URI names, as encoded. */
  readonly uris: readonly string[];
  /** Requested DNS names, as encoded. */
  readonly dnsNames: readonly string[];

  readonly #algorithm: AlgorithmIdentifier;
  readonly #signature: Uint8Array;
  readonly #subject: DistinguishedName;
  #publicKey: KeyObject | undefined;

  private constructor(der: Uint8Array) {
    this.der = der;
    const outer = DerReader.sequence(der, maxRequestBytes, "certificate request");
    this.info = outer.element(TAG.sequence, "request info");
    this.#algorithm = readAlgorithm(outer, "signature algorithm");
    this.#signature = outer.wholeBits("signature");
    outer.end("certificate request");

    const info = new DerReader(this.info).enter(TAG.sequence, "request info");
    if (info.integer("version") !== 0n) throw new X509Error("MALFORMED", "a certificate request must be of version 1");
    this.subjectDer = info.element(TAG.sequence, "subject");
    this.#subject = readName(new DerReader(this.subjectDer).enter(TAG.sequence, "subject"), "subject");
    this.spki = info.element(TAG.sequence, "public key");
    parsePublicKeyInfo(this.spki);
    // RFC 2986 §4.1: the attributes are there even when there are none; some writers leave them out.
    this.extensions = info.done ? [] : readAttributes(info.enter(0xa0, "attributes"));
    info.end("request info");
    const names = this.extensions.find((extension) => extension.oid === OID.subjectAltName)?.value;
    this.subjectAltNames =
      names === undefined ? [] : parseGeneralNames(names, names.length, "subject alternative name");
    this.uris = textNames(this.subjectAltNames, "uri");
    this.dnsNames = textNames(this.subjectAltNames, "dns");
  }

  /**
   * Reads one request of at most 16 KiB. Neither its signature nor its key is judged: call `assertAcceptableKey(request.spki)`, then
   * `verify`.
   * @throws {X509Error} TOO_LARGE, TOO_DEEP, DER_MALFORMED, DER_TRAILING, MALFORMED, DUPLICATE_ATTRIBUTE, DUPLICATE_EXTENSION
   */
  static parse(der: Uint8Array): CertificateRequest {
    if (der.length > maxRequestBytes) {
      throw new X509Error("TOO_LARGE", `a request of ${der.length} bytes where at most ${maxRequestBytes} are allowed`);
    }
    return new CertificateRequest(new Uint8Array(der));
  }

  /** The subject's last CN; undefined when there is none. */
  get commonName(): string | undefined {
    return nameCommonName(this.#subject);
  }

  /** The public key as node:crypto's object, made at first use. @throws {X509Error} UNSUPPORTED_KEY */
  get publicKey(): KeyObject {
    this.#publicKey ??= importPublicKey(this.spki);
    return this.#publicKey;
  }

  /**
   * Whether the requester holds the private key: the request's own signature verifies. False also for a weak algorithm and for a key
   * that `assertAcceptableKey` (Ed25519 allowed) refuses: no operation is then done with it. Never throws.
   */
  verify(): boolean {
    try {
      assertAcceptableKey(this.spki, { ed25519: true });
      return isSignatureValid(
        { algorithm: this.#algorithm, data: this.info, signature: this.#signature },
        this.publicKey,
      );
    } catch (error) {
      if (error instanceof X509Error) return false;
      throw error;
    }
  }
}

/** The extensions of the one extensionRequest attribute (RFC 2985 §5.4.2); other attributes only have to be well formed. */
function readAttributes(attributes: DerReader): Extension[] {
  const seen = new Set<string>();
  let extensions: Extension[] = [];
  while (!attributes.done) {
    const attribute = attributes.enter(TAG.sequence, "attribute");
    const type = attribute.oid("attribute type");
    const values = attribute.enter(TAG.set, `values of attribute ${type}`);
    attribute.end(`attribute ${type}`);
    if (seen.has(type)) throw new X509Error("DUPLICATE_ATTRIBUTE", `attribute ${type} appears twice`);
    seen.add(type);
    if (type !== OID.extensionRequest) continue;
    extensions = readExtensions(values.enter(TAG.sequence, "requested extensions"));
    values.end("requested extensions");
  }
  return extensions;
}
