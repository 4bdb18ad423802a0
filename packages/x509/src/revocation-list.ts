// SPDX-License-Identifier: Apache-2.0
import type { Certificate } from "./certificate.ts";
import { assertDer, DerReader, TAG } from "./der.ts";
import { X509Error } from "./errors.ts";
import { parseAuthorityKeyId, readExtensions, type Extension } from "./extension.ts";
import { maxRevocationListBytes } from "./limits.ts";
import { readName, type DistinguishedName } from "./name.ts";
import { isSameName } from "./name-match.ts";
import { OID } from "./oid.ts";
import { sameBytes } from "./path-rules.ts";
import { assertAcceptableKey } from "./public-key.ts";
import { readRevokedSerialNumbers, serialNumberKey } from "./revocation-entries.ts";
import { isSignatureValid, isStrongSignatureAlgorithm, readAlgorithm, type AlgorithmIdentifier } from "./signature.ts";
import { readTime } from "./time.ts";

/**
 * A complete X.509 v2 certificate revocation list for the certificates of its own issuer (RFC 5280 §5), read from strict DER and never
 * changed. Lists that cover less or more than that (issuingDistributionPoint, delta and indirect lists) are refused. Nothing that it
 * says is to be believed before `assertSignedBy`.
 */
export class RevocationList {
  /** The whole list. */
  readonly der: Uint8Array;
  /** Name, DER. */
  readonly issuerDer: Uint8Array;
  /** Lower-case hex. */
  readonly authorityKeyId: string | undefined;
  readonly thisUpdate: Date;
  /** When the next list comes at the latest; undefined when the issuer does not say. */
  readonly nextUpdate: Date | undefined;
  /** CRL number: grows from list to list of one issuer. */
  readonly number: bigint | undefined;

  readonly #tbs: Uint8Array;
  readonly #algorithm: AlgorithmIdentifier;
  readonly #signature: Uint8Array;
  readonly #issuer: DistinguishedName;
  readonly #revoked: ReadonlySet<string>;

  private constructor(der: Uint8Array) {
    this.der = der;
    const outer = DerReader.sequence(der, maxRevocationListBytes, "revocation list");
    this.#tbs = outer.element(TAG.sequence, "TBSCertList");
    const outerAlgorithm = outer.element(TAG.sequence, "signature algorithm");
    this.#signature = outer.wholeBits("signature");
    outer.end("revocation list");

    const tbs = new DerReader(this.#tbs).enter(TAG.sequence, "TBSCertList");
    if (tbs.peek() !== TAG.integer || tbs.integer("version") !== 1n)
      throw new X509Error("MALFORMED", "a revocation list must be of version 2");
    const innerAlgorithm = tbs.element(TAG.sequence, "signature algorithm");
    // RFC 5280 §5.1.1.2: inside and outside name the same algorithm.
    if (!sameBytes(innerAlgorithm, outerAlgorithm))
      throw new X509Error("MALFORMED", "the two signature algorithms differ");
    this.#algorithm = readAlgorithm(new DerReader(innerAlgorithm), "signature algorithm");
    this.issuerDer = tbs.element(TAG.sequence, "issuer");
    this.#issuer = readName(new DerReader(this.issuerDer).enter(TAG.sequence, "issuer"), "issuer");
    if (this.#issuer.length === 0) throw new X509Error("MALFORMED", "a revocation list has no issuer");
    this.thisUpdate = readTime(tbs, "thisUpdate");
    const isTime = tbs.peek() === TAG.utcTime || tbs.peek() === TAG.generalizedTime;
    this.nextUpdate = isTime ? readTime(tbs, "nextUpdate") : undefined;
    const hasEntries = tbs.peek() === TAG.sequence;
    this.#revoked = hasEntries ? readRevokedSerialNumbers(tbs.enter(TAG.sequence, "revoked certificates")) : new Set();
    const facts = readListExtensions(tbs);
    this.authorityKeyId = facts.authorityKeyId;
    this.number = facts.number;
  }

  /**
   * Reads one list: `der` is exactly one, at most 4 MiB and 200,000 entries, version 2. Its signature is not checked.
   * @throws {X509Error} TOO_LARGE, TOO_DEEP, DER_MALFORMED, DER_TRAILING, MALFORMED, DUPLICATE_EXTENSION; UNKNOWN_CRITICAL for a critical
   * extension that is not processed, of the list or of an entry, and for partial, delta and indirect lists
   */
  static parse(der: Uint8Array): RevocationList {
    if (der.length > maxRevocationListBytes) {
      throw new X509Error(
        "TOO_LARGE",
        `a revocation list of ${der.length} bytes where at most ${maxRevocationListBytes} are allowed`,
      );
    }
    return new RevocationList(new Uint8Array(der));
  }

  /** Distinct serial numbers in the list. */
  get revokedCount(): number {
    return this.#revoked.size;
  }

  /** Whether the list names the certificate: its issuer is the list's (RFC 5280 §7.1) and its serial number is in it. */
  isRevoked(certificate: Certificate): boolean {
    if (!this.#revoked.has(serialNumberKey(serialNumberOctets(certificate)))) return false;
    return this.#isIssuer(certificate.issuerDer);
  }

  /**
   * The list is `issuer`'s: name, right to sign lists (a CA, with cRLSign where it has a key usage, RFC 5280 §6.3.3) and signature.
   * Neither the list's times nor the issuer's are looked at.
   * @throws {X509Error} UNTRUSTED for another name or key; SIGNER_NOT_CA, SIGNER_NO_CRL_SIGN, WEAK_SIGNATURE, WEAK_KEY, UNSUPPORTED_KEY
   */
  assertSignedBy(issuer: Certificate): void {
    if (!this.#isIssuer(issuer.subjectDer)) throw new X509Error("UNTRUSTED", "the revocation list is another issuer's");
    if (!issuer.isCa) throw new X509Error("SIGNER_NOT_CA", "a revocation list is signed by one that is no CA");
    if (issuer.keyUsage?.crlSign === false) {
      throw new X509Error("SIGNER_NO_CRL_SIGN", "a revocation list is signed by a CA that has no right to sign lists");
    }
    if (!isStrongSignatureAlgorithm(this.#algorithm)) {
      throw new X509Error(
        "WEAK_SIGNATURE",
        "a revocation list is signed with an algorithm that is weak or not supported",
      );
    }
    assertAcceptableKey(issuer.spki, { ed25519: true });
    const signed = { algorithm: this.#algorithm, data: this.#tbs, signature: this.#signature };
    if (!isSignatureValid(signed, issuer.publicKey))
      throw new X509Error("UNTRUSTED", "the revocation list's signature is not its issuer's");
  }

  /** @NOTE Compared as names, not only as octets: a list that encodes its issuer in another way must not fall silent. */
  #isIssuer(name: Uint8Array): boolean {
    if (sameBytes(name, this.issuerDer)) return true;
    return isSameName(readName(new DerReader(name).enter(TAG.sequence, "name"), "name"), this.#issuer);
  }
}

function serialNumberOctets({ tbs }: Certificate): Uint8Array {
  const reader = new DerReader(tbs).enter(TAG.sequence, "TBSCertificate");
  reader.skip(0xa0, "version");
  return reader.contents(TAG.integer, "serial number");
}

interface ListFacts {
  authorityKeyId: string | undefined;
  number: bigint | undefined;
}

// RFC 5280 §5.2.4 and §5.2.5 want these critical; such a list says less than it seems to, critical or not.
const unsupported: ReadonlySet<string> = new Set([OID.deltaCrlIndicator, OID.issuingDistributionPoint]);

function readListExtensions(tbs: DerReader): ListFacts {
  const facts: ListFacts = { authorityKeyId: undefined, number: undefined };
  if (tbs.done) return facts;
  const explicit = tbs.enter(0xa0, "extensions");
  for (const extension of readExtensions(explicit.enter(TAG.sequence, "extensions"))) judge(facts, extension);
  explicit.end("extensions");
  tbs.end("TBSCertList");
  return facts;
}

function judge(facts: ListFacts, { oid, critical, value }: Extension): void {
  if (oid === OID.authorityKeyIdentifier) facts.authorityKeyId = parseAuthorityKeyId(value);
  else if (oid === OID.crlNumber) facts.number = parseNumber(value);
  else if (critical || unsupported.has(oid))
    throw new X509Error("UNKNOWN_CRITICAL", `a revocation list has the extension ${oid}, which is not supported`);
}

/** Contents of CRLNumber (RFC 5280 §5.2.3): at most 20 octets, not negative. */
function parseNumber(value: Uint8Array): bigint {
  assertDer(value, value.length);
  const number = new DerReader(value).integer("CRL number");
  if (value.length > 22 || number < 0n) throw new X509Error("MALFORMED", "a CRL number is out of bounds");
  return number;
}
