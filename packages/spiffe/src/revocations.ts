// SPDX-License-Identifier: Apache-2.0
import { type Certificate, RevocationList, X509Error, type X509ErrorCode } from "@mayfly/x509";

const maxLists = 1_024;
const maxBytes = 33_554_432;

/** A revocation list that `Revocations.of` could not use. */
export interface IgnoredRevocationList {
  /** Its place among those given, from 0. */
  readonly index: number;
  readonly code: X509ErrorCode;
  /** For people. */
  readonly reason: string;
}

/**
 * Revocation lists (RFC 5280 §5) for `verifyPeer`, as the Workload API sends them in `crl` (Workload API §5.2.1). They can only refuse:
 * a certificate counts as revoked when a list names it that is signed by the very certificate above it in the verified path, a CA that
 * may sign lists. Lists of others, unsigned ones and broken ones change nothing. A list does not lapse: what it revoked stays revoked
 * after its `nextUpdate`. Of several lists of one issuer all count. Immutable.
 */
export class Revocations {
  readonly #lists: readonly RevocationList[];
  // Per list, by the issuer's certificate: authorities of a bundle live long, and a signature costs as much as a handshake's.
  readonly #signedBy = new WeakMap<RevocationList, WeakMap<Certificate, boolean>>();

  private constructor(lists: readonly RevocationList[]) {
    this.#lists = lists;
  }

  /**
   * `crls`: each one DER list, at most 4 MiB; in all 1,024 and 32 MiB. Those that can't be read, or are beyond that, are left out and
   * told to `onIgnored`. Signatures are checked later, where an issuer is known.
   */
  static of(crls: readonly Uint8Array[], onIgnored?: (ignored: IgnoredRevocationList) => void): Revocations {
    const lists: RevocationList[] = [];
    let bytes = 0;
    for (const [index, der] of crls.entries()) {
      try {
        bytes += der.length;
        if (index >= maxLists || bytes > maxBytes)
          throw new X509Error("TOO_LARGE", `more than ${maxLists} revocation lists or ${maxBytes} bytes of them`);
        lists.push(RevocationList.parse(der));
      } catch (error) {
        if (!(error instanceof X509Error)) throw error;
        onIgnored?.({ index, code: error.code, reason: error.message });
      }
    }
    return new Revocations(lists);
  }

  /** How many lists there are; their signatures may be wrong. */
  get size(): number {
    return this.#lists.length;
  }

  /** Whether a list of `issuer`, the certificate above `certificate` in a verified path, names it. */
  isRevoked(certificate: Certificate, issuer: Certificate): boolean {
    return this.#lists.some((list) => list.isRevoked(certificate) && this.#isSignedBy(list, issuer));
  }

  #isSignedBy(list: RevocationList, issuer: Certificate): boolean {
    const known = this.#signedBy.get(list) ?? new WeakMap<Certificate, boolean>();
    this.#signedBy.set(list, known);
    const cached = known.get(issuer);
    if (cached !== undefined) return cached;
    const verdict = hasGoodSignature(list, issuer);
    known.set(issuer, verdict);
    return verdict;
  }
}

function hasGoodSignature(list: RevocationList, issuer: Certificate): boolean {
  try {
    list.assertSignedBy(issuer);
    return true;
  } catch (error) {
    if (error instanceof X509Error) return false;
    throw error;
  }
}
