// SPDX-License-Identifier: Apache-2.0
import { assertTrustDomainName, scheme, splitId } from "./id-syntax.ts";

/** The name of a trust domain (SPIFFE-ID §2.1): 1 to 255 of `a-z 0-9 . _ -`, compared byte by byte; no DNS rule applies to it. Immutable. */
export class TrustDomain {
  /** "example.org" */
  readonly name: string;

  private constructor(name: string) {
    this.name = name;
  }

  /**
   * From its name, or from a SPIFFE ID (with or without a path) whose trust domain is taken. Text with ":/" in it is read as an ID.
   * @throws {SpiffeIdError} for an empty text MISSING_TRUST_DOMAIN
   */
  static parse(nameOrId: string): TrustDomain {
    return nameOrId.includes(":/") ? new TrustDomain(splitId(nameOrId).name) : TrustDomain.fromName(nameOrId);
  }

  /** From its bare name only. @throws {SpiffeIdError} MISSING_TRUST_DOMAIN, BAD_TRUST_DOMAIN_CHAR, TRUST_DOMAIN_TOO_LONG */
  static fromName(name: string): TrustDomain {
    assertTrustDomainName(name);
    return new TrustDomain(name);
  }

  /** The SPIFFE ID of the trust domain itself, "spiffe://example.org": no slash at the end. */
  get idString(): string {
    return scheme + this.name;
  }

  equals(other: TrustDomain): boolean {
    return this.name === other.name;
  }

  /** The name. */
  toString(): string {
    return this.name;
  }

  /** The name. */
  toJSON(): string {
    return this.name;
  }
}
