// SPDX-License-Identifier: Apache-2.0
import { createHash, type KeyObject } from "node:crypto";
import { DerReader, firstValueLength, TAG } from "./der.ts";
import { X509Error } from "./errors.ts";
import {
  parseAuthorityKeyId,
  parseBasicConstraints,
  parseExtKeyUsage,
  parseKeyUsage,
  parseSubjectKeyId,
  readExtensions,
  type Extension,
  type KeyUsage,
} from "./extension.ts";
import { parseGeneralNames, textNames, type GeneralName } from "./general-name.ts";
import { maxCertificateBytes, maxCertificateListBytes } from "./limits.ts";
import { nameCommonName, nameText, readName, type DistinguishedName } from "./name.ts";
import { parseNameConstraints, type NameConstraints } from "./name-constraints.ts";
import { OID } from "./oid.ts";
import { assertAcceptableKey, importAuthorityKey, importPublicKey, parsePublicKeyInfo } from "./public-key.ts";
import { isSignatureValid, isStrongSignatureAlgorithm, readAlgorithm, type AlgorithmIdentifier } from "./signature.ts";
import { readTime } from "./time.ts";

/**
 * An X.509 v3 certificate (RFC 5280 §4), read from strict DER by our own reader and never changed. Byte fields are views on a copy
 * of the input: do not write to them.
 */
export class Certificate {
  /** The whole certificate. */
  readonly der: Uint8Array;
  /** TBSCertificate, DER: what is signed. */
  readonly tbs: Uint8Array;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly serialNumber: bigint;
  /** Name, DER. */
  readonly issuerDer: Uint8Array;
  /** Name, DER. */
  readonly subjectDer: Uint8Array;
  /** First second of validity, inclusive. */
  readonly notBefore: Date;
  /** Last second of validity, inclusive. */
  readonly notAfter: Date;
  /** OID, dotted. */
  readonly signatureAlgorithm: string;
  /** Octets of the signature: DER for ECDSA. */
  readonly signature: Uint8Array;
  /** In encoded order. */
  readonly extensions: readonly Extension[];
  /** Subject alternative names in encoded order; empty without the extension. */
  readonly subjectAltNames: readonly GeneralName[];
  /** URI names, as encoded. */
  readonly uris: readonly string[];
  /** DNS names, as encoded. */
  readonly dnsNames: readonly string[];
  readonly basicConstraintsPresent: boolean;
  readonly isCa: boolean;
  /** How many CA certificates may follow below this one; values over 255 are read as 255. */
  readonly pathLength: number | undefined;
  readonly keyUsage: KeyUsage | undefined;
  /** Dotted OIDs; undefined without the extension. */
  readonly extKeyUsage: readonly string[] | undefined;
  /** Lower-case hex. */
  readonly subjectKeyId: string | undefined;
  /** Lower-case hex. */
  readonly authorityKeyId: string | undefined;
  readonly nameConstraints: NameConstraints | undefined;
  /** OIDs of critical extensions that this package does not process: such a certificate must not be relied on (RFC 5280 §4.2). */
  readonly unknownCritical: readonly string[];

  readonly #algorithm: AlgorithmIdentifier;
  readonly #subject: DistinguishedName;
  #publicKey: KeyObject | undefined;
  #fingerprint: string | undefined;

  private constructor(der: Uint8Array) {
    this.der = der;
    const outer = DerReader.sequence(der, maxCertificateBytes, "certificate");
    this.tbs = outer.element(TAG.sequence, "TBSCertificate");
    const outerAlgorithm =
      outer.peek() === TAG.sequence ? outer.element(TAG.sequence, "signature algorithm") : undefined;
    this.signature = outer.wholeBits("signature");
    outer.end("certificate");

    const tbs = new DerReader(this.tbs).enter(TAG.sequence, "TBSCertificate");
    readVersion3(tbs);
    this.serialNumber = tbs.integer("serial number");
    const innerAlgorithm = tbs.element(TAG.sequence, "signature algorithm");
    // RFC 5280 §4.1.1.2: inside and outside name the same algorithm.
    if (outerAlgorithm === undefined || Buffer.compare(innerAlgorithm, outerAlgorithm) !== 0) {
      throw new X509Error("MALFORMED", "the two signature algorithms differ");
    }
    this.#algorithm = readAlgorithm(new DerReader(innerAlgorithm), "signature algorithm");
    this.signatureAlgorithm = this.#algorithm.oid;
    this.issuerDer = tbs.element(TAG.sequence, "issuer");
    readName(new DerReader(this.issuerDer).enter(TAG.sequence, "issuer"), "issuer");
    const validity = tbs.enter(TAG.sequence, "validity");
    this.notBefore = readTime(validity, "notBefore");
    this.notAfter = readTime(validity, "notAfter");
    validity.end("validity");
    this.subjectDer = tbs.element(TAG.sequence, "subject");
    this.#subject = readName(new DerReader(this.subjectDer).enter(TAG.sequence, "subject"), "subject");
    this.spki = tbs.element(TAG.sequence, "public key");
    parsePublicKeyInfo(this.spki);
    this.extensions = readCertificateExtensions(tbs);
    const facts = readFacts(this.extensions);
    this.subjectAltNames = facts.subjectAltNames;
    this.uris = textNames(facts.subjectAltNames, "uri");
    this.dnsNames = textNames(facts.subjectAltNames, "dns");
    this.basicConstraintsPresent = facts.basicConstraints !== undefined;
    this.isCa = facts.basicConstraints?.isCa ?? false;
    this.pathLength = facts.basicConstraints?.pathLength;
    this.keyUsage = facts.keyUsage;
    this.extKeyUsage = facts.extKeyUsage;
    this.subjectKeyId = facts.subjectKeyId;
    this.authorityKeyId = facts.authorityKeyId;
    this.nameConstraints = facts.nameConstraints;
    this.unknownCritical = facts.unknownCritical;
  }

  /**
   * Reads one certificate: `der` is exactly one, at most 16 KiB, version 3. Its public key is not judged (`assertAcceptableKey` does).
   * @throws {X509Error} TOO_LARGE, TOO_DEEP, DER_MALFORMED, DER_TRAILING, MALFORMED, DUPLICATE_EXTENSION
   */
  static parse(der: Uint8Array): Certificate {
    if (der.length > maxCertificateBytes) {
      throw new X509Error(
        "TOO_LARGE",
        `a certificate of ${der.length} bytes where at most ${maxCertificateBytes} are allowed`,
      );
    }
    return new Certificate(new Uint8Array(der));
  }

  /** The subject's last CN; undefined when there is none. */
  get commonName(): string | undefined {
    return nameCommonName(this.#subject);
  }

  /** The subject in the manner of RFC 4514, for people: never compare with it. "" for an empty subject. */
  get subjectText(): string {
    return nameText(this.#subject);
  }

  /** The subject taken apart. */
  get subject(): DistinguishedName {
    return this.#subject;
  }

  /** The public key as node:crypto's object, made at first use. @throws {X509Error} UNSUPPORTED_KEY */
  get publicKey(): KeyObject {
    this.#publicKey ??= this.isCa ? importAuthorityKey(this.spki) : importPublicKey(this.spki);
    return this.#publicKey;
  }

  /** SHA-256 of `der`, lower-case hex. */
  get fingerprint(): string {
    this.#fingerprint ??= createHash("sha256").update(this.der).digest("hex");
    return this.#fingerprint;
  }

  /** Whether the signature's algorithm may be relied on: no MD5, no SHA-1, nothing unknown. */
  get hasStrongSignatureAlgorithm(): boolean {
    return isStrongSignatureAlgorithm(this.#algorithm);
  }

  /**
   * Whether the issuer's key made this certificate's signature. Names, validity and rights are not looked at. False also for a weak
   * algorithm and for a key that `assertAcceptableKey` (Ed25519 allowed) refuses: no operation is then done with it.
   */
  isSignedBy(issuer: Certificate): boolean {
    if (!this.hasStrongSignatureAlgorithm) return false;
    try {
      assertAcceptableKey(issuer.spki, { ed25519: true });
      return isSignatureValid(
        { algorithm: this.#algorithm, data: this.tbs, signature: this.signature },
        issuer.publicKey,
      );
    } catch (error) {
      if (error instanceof X509Error) return false;
      throw error;
    }
  }

  /** Same bytes. */
  equals(other: Certificate): boolean {
    return Buffer.compare(this.der, other.der) === 0;
  }
}

function readVersion3(tbs: DerReader): void {
  const explicit = tbs.peek() === 0xa0 ? tbs.enter(0xa0, "version") : undefined;
  if (explicit?.integer("version") !== 2n) throw new X509Error("MALFORMED", "a certificate must be of version 3");
  explicit.end("version");
}

function readCertificateExtensions(tbs: DerReader): Extension[] {
  // RFC 5280 §4.1.2.8: unique identifiers ([1] and [2]) are not used.
  if (tbs.done) return [];
  const explicit = tbs.enter(0xa3, "extensions");
  const extensions = readExtensions(explicit.enter(TAG.sequence, "extensions"));
  explicit.end("extensions");
  tbs.end("TBSCertificate");
  return extensions;
}

interface Facts {
  subjectAltNames: readonly GeneralName[];
  basicConstraints?: { readonly isCa: boolean; readonly pathLength: number | undefined };
  keyUsage: KeyUsage | undefined;
  extKeyUsage: readonly string[] | undefined;
  subjectKeyId: string | undefined;
  authorityKeyId: string | undefined;
  nameConstraints: NameConstraints | undefined;
  unknownCritical: string[];
}

const processors: Readonly<Record<string, (facts: Facts, extension: Extension) => void>> = {
  [OID.subjectAltName]: (facts, { value }) => {
    facts.subjectAltNames = parseGeneralNames(value, value.length, "subject alternative name");
  },
  [OID.basicConstraints]: (facts, { value }) => {
    facts.basicConstraints = parseBasicConstraints(value);
  },
  [OID.keyUsage]: (facts, { value, critical }) => {
    facts.keyUsage = parseKeyUsage(value, critical);
  },
  [OID.extKeyUsage]: (facts, { value }) => {
    facts.extKeyUsage = parseExtKeyUsage(value);
  },
  [OID.subjectKeyIdentifier]: (facts, { value }) => {
    facts.subjectKeyId = parseSubjectKeyId(value);
  },
  [OID.authorityKeyIdentifier]: (facts, { value }) => {
    facts.authorityKeyId = parseAuthorityKeyId(value);
  },
  [OID.nameConstraints]: (facts, { value }) => {
    facts.nameConstraints = parseNameConstraints(value);
  },
  // Processed with the inputs of RFC 5280 §6.1.1 at their defaults (any policy, none required): nothing can follow from it.
  [OID.certificatePolicies]: (_facts, { value }) => {
    DerReader.sequence(value, value.length, "certificate policies");
  },
};

function readFacts(extensions: readonly Extension[]): Facts {
  const facts: Facts = {
    subjectAltNames: [],
    keyUsage: undefined,
    extKeyUsage: undefined,
    subjectKeyId: undefined,
    authorityKeyId: undefined,
    nameConstraints: undefined,
    unknownCritical: [],
  };
  for (const extension of extensions) {
    const process = processors[extension.oid];
    if (process !== undefined) process(facts, extension);
    else if (extension.critical) facts.unknownCritical.push(extension.oid);
  }
  return facts;
}

/**
 * Certificates one after the other without separators, as the Workload API sends chains (leaf first) and bundles. An empty list for
 * empty input.
 * @throws {X509Error} as `Certificate.parse`; bytes that are no certificate after the last one are DER_MALFORMED; TOO_LARGE over 4 MiB
 */
export function parseCertificates(concatenatedDer: Uint8Array): Certificate[] {
  if (concatenatedDer.length > maxCertificateListBytes) {
    throw new X509Error(
      "TOO_LARGE",
      `certificates of ${concatenatedDer.length} bytes where at most ${maxCertificateListBytes} are allowed`,
    );
  }
  const certificates: Certificate[] = [];
  for (let at = 0; at < concatenatedDer.length; ) {
    const length = firstValueLength(concatenatedDer.subarray(at));
    certificates.push(Certificate.parse(concatenatedDer.subarray(at, at + length)));
    at += length;
  }
  return certificates;
}
