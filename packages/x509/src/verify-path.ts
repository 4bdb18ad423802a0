// SPDX-License-Identifier: Apache-2.0
import type { Certificate } from "./certificate.ts";
import { X509Error } from "./errors.ts";
import { NameBudget } from "./name-match.ts";
import { assertIssuer, assertLeaf, assertWellMade, isSelfIssued, type PathOptions, sameBytes } from "./path-rules.ts";

const maxCertificates = 8;
const maxSignatureChecks = 100;
const maxCandidates = 5_000;

/**
 * A path from `leaf` to one of `anchors` by RFC 5280 §6 (and the search of RFC 4158): names and signatures chain, all are valid at `now`
 * to the second (both ends inclusive), issuers are CAs with keyCertSign where they have a key usage, path lengths, name constraints and
 * key purposes hold, no critical extension is unknown, no algorithm or key is weak. Anchors are held to the same rules and need not be
 * self-signed; a leaf that is itself an anchor is not trusted for that. Several candidates of one name are all tried. The work is
 * bounded: paths of 8 certificates, 100 signatures, 5,000 candidates looked at, 250,000 names compared.
 * `intermediates` and `anchors` may be in any order and hold others. Gives the path, leaf first, anchor last. Rules for SPIFFE leaves
 * and policies are the caller's.
 * @throws {X509Error} UNTRUSTED when nothing better is known; EXPIRED, NOT_YET_VALID, SIGNER_NOT_CA, SIGNER_NO_KEY_CERT_SIGN, PATH_LEN,
 * NAME_CONSTRAINT, UNKNOWN_CRITICAL, WRONG_EKU, WEAK_KEY, UNSUPPORTED_KEY, WEAK_SIGNATURE, MALFORMED for the first path that failed by
 * it; PATH_BUDGET when the work was used up
 */
export function verifyPath(
  leaf: Certificate,
  intermediates: readonly Certificate[],
  anchors: readonly Certificate[],
  options: PathOptions,
): Certificate[] {
  assertLeaf(leaf, options);
  const search = new PathSearch(intermediates, anchors, options);
  const path = search.extend([leaf]);
  if (path === undefined) throw search.failure ?? new X509Error("UNTRUSTED", "no path leads to a trusted certificate");
  return path;
}

class PathSearch {
  /** Why the first path failed that had a good signature. */
  failure: X509Error | undefined;

  readonly #intermediates: readonly Certificate[];
  readonly #anchors: readonly Certificate[];
  readonly #options: PathOptions & { readonly budget: NameBudget };
  readonly #signatures = new Map<Certificate, Map<Certificate, boolean>>();
  #signatureChecks = 0;
  #candidates = 0;

  constructor(intermediates: readonly Certificate[], anchors: readonly Certificate[], options: PathOptions) {
    this.#intermediates = intermediates;
    this.#anchors = anchors;
    this.#options = { ...options, budget: new NameBudget() };
  }

  /** Depth first; `path` begins with the leaf. At most 8 levels deep. */
  extend(path: readonly Certificate[]): Certificate[] | undefined {
    const last = path[path.length - 1];
    if (last === undefined || path.length >= maxCertificates) return undefined;
    for (const anchor of this.#candidatesFor(last, this.#anchors, path)) {
      if (this.#accepts(path, last, anchor) && this.#acceptsWhole([...path, anchor])) return [...path, anchor];
    }
    for (const issuer of this.#candidatesFor(last, this.#intermediates, path)) {
      if (!this.#accepts(path, last, issuer)) continue;
      const whole = this.extend([...path, issuer]);
      if (whole !== undefined) return whole;
    }
    return undefined;
  }

  /** Those with the issuer's name, the ones with the right key identifier first. */
  #candidatesFor(child: Certificate, from: readonly Certificate[], path: readonly Certificate[]): Certificate[] {
    this.#candidates += from.length;
    if (this.#candidates > maxCandidates) throw new X509Error("PATH_BUDGET", "too many certificates to look at");
    const named = from.filter(
      (candidate) =>
        sameBytes(candidate.subjectDer, child.issuerDer) && !path.some((member) => isSameAuthority(member, candidate)),
    );
    return named.sort((a, b) => keyIdRank(child, a) - keyIdRank(child, b));
  }

  #accepts(path: readonly Certificate[], child: Certificate, issuer: Certificate): boolean {
    return this.#attempt(() => {
      if (!child.hasStrongSignatureAlgorithm)
        throw new X509Error("WEAK_SIGNATURE", "a signature is made with an algorithm that is weak or unknown");
      if (!this.#isSignedBy(child, issuer)) return false;
      assertIssuer(path, issuer, this.#options);
      return true;
    });
  }

  #acceptsWhole(path: readonly Certificate[]): boolean {
    return this.#attempt(() => {
      assertWellMade(path, this.#options.strict !== false);
      return true;
    });
  }

  /** A refusal ends this branch, not the search; used-up work ends the search. */
  #attempt(check: () => boolean): boolean {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof X509Error) || error.code === "PATH_BUDGET") throw error;
      this.failure ??= error;
      return false;
    }
  }

  #isSignedBy(child: Certificate, issuer: Certificate): boolean {
    const known = this.#signatures.get(child) ?? new Map<Certificate, boolean>();
    this.#signatures.set(child, known);
    const cached = known.get(issuer);
    if (cached !== undefined) return cached;
    if (++this.#signatureChecks > maxSignatureChecks)
      throw new X509Error("PATH_BUDGET", "too many signatures to check");
    const valid = child.isSignedBy(issuer);
    known.set(issuer, valid);
    return valid;
  }
}

/** Same name and key: the same authority, whoever certified it; a path that holds it twice leads nowhere new (RFC 4158 §2.4.2). */
function isSameAuthority(a: Certificate, b: Certificate): boolean {
  return (
    a === b ||
    (sameBytes(a.subjectDer, b.subjectDer) && sameBytes(a.spki, b.spki) && isSelfIssued(a) === isSelfIssued(b))
  );
}

/** 0 the key identifiers agree, 1 one is missing, 2 they differ: only a hint (RFC 4158 §3.5.12). */
function keyIdRank(child: Certificate, issuer: Certificate): number {
  if (child.authorityKeyId === undefined || issuer.subjectKeyId === undefined) return 1;
  return child.authorityKeyId === issuer.subjectKeyId ? 0 : 2;
}
