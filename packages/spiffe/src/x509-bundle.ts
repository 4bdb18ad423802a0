// SPDX-License-Identifier: Apache-2.0
import { Certificate, parseCertificates, parsePem, toPem, X509Error } from "@mayfly/x509";
import { BundleError } from "./errors.ts";
import type { TrustDomain } from "./trust-domain.ts";

/**
 * The X.509 authorities of one trust domain: certificates that its X.509-SVIDs may chain to (X509-SVID §6). Without any,
 * every X.509-SVID of the trust domain is invalid. Immutable.
 */
export class X509Bundle {
  readonly trustDomain: TrustDomain;
  /** Each once, in the order given. */
  readonly authorities: readonly Certificate[];

  constructor(trustDomain: TrustDomain, authorities: readonly Certificate[]) {
    this.trustDomain = trustDomain;
    this.authorities = distinct(authorities);
  }

  /** `concatenated`: DER certificates one after the other, as the Workload API sends them; may be empty. @throws {BundleError} MALFORMED, TOO_LARGE */
  static fromDer(trustDomain: TrustDomain, concatenated: Uint8Array): X509Bundle {
    return new X509Bundle(
      trustDomain,
      reading(() => parseCertificates(concatenated)),
    );
  }

  /** All CERTIFICATE blocks of the text; at least one. @throws {BundleError} MALFORMED, TOO_LARGE */
  static fromPem(trustDomain: TrustDomain, pem: string): X509Bundle {
    const authorities = reading(() => parsePem(pem, "CERTIFICATE").map((der) => Certificate.parse(der)));
    // A bundle without authorities has a meaning of its own (revoke all): a file without PEM must not have it.
    if (authorities.length === 0) throw new BundleError("MALFORMED", "there is no PEM certificate in the text");
    return new X509Bundle(trustDomain, authorities);
  }

  /** Concatenated DER. */
  toDer(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.authorities.map((authority) => authority.der)));
  }

  /** CERTIFICATE blocks. */
  toPem(): string {
    return this.authorities.map((authority) => toPem("CERTIFICATE", authority.der)).join("");
  }

  /** The same authorities, in any order, of the same trust domain. */
  equals(other: X509Bundle): boolean {
    const own = new Set(this.authorities.map((authority) => authority.fingerprint));
    return (
      this.trustDomain.equals(other.trustDomain) &&
      own.size === other.authorities.length &&
      other.authorities.every((authority) => own.has(authority.fingerprint))
    );
  }
}

function distinct(certificates: readonly Certificate[]): Certificate[] {
  return [...new Map(certificates.map((certificate) => [certificate.fingerprint, certificate])).values()];
}

function reading(read: () => Certificate[]): Certificate[] {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof X509Error)) throw cause;
    const code = cause.code === "TOO_LARGE" ? "TOO_LARGE" : "MALFORMED";
    throw new BundleError(code, `the bundle's certificates can't be read: ${cause.message}`, { cause });
  }
}
