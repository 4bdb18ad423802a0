// SPDX-License-Identifier: Apache-2.0
import { verifyPath, X509Error, type Certificate } from "@mayfly/x509";
import type { BundleLookup } from "./bundle-set.ts";
import { X509SvidError, type X509SvidErrorCode } from "./errors.ts";
import type { SpiffeId } from "./spiffe-id.ts";
import type { X509Bundle } from "./x509-bundle.ts";
import { assertSvidLeaf, readChain } from "./x509-rules.ts";

/** What `verifyPeer` found out. It says who the peer is; whether that one may is the caller's question. */
export interface VerifiedPeer {
  readonly id: SpiffeId;
  /** The verified path: leaf first, the bundle's authority last. */
  readonly chain: readonly Certificate[];
  /** The earliest end of validity in the path, inclusive: nothing may rest on this verdict after it. */
  readonly notAfter: Date;
}

/** Inputs of `verifyPeer` beside chain and bundles. */
export interface VerifyPeerOptions {
  readonly now: Date;
  /** Asked for each certificate of the path, the authority too. */
  readonly revoked?: ((certificate: Certificate) => boolean) | undefined;
  /** The end of TLS that the peer is; a certificate that names purposes must name this one. Default: one of the two. */
  readonly role?: "client" | "server" | undefined;
}

const purposes = { client: "1.3.6.1.5.5.7.3.2", server: "1.3.6.1.5.5.7.3.1" } as const;

const pathCodes: ReadonlySet<string> = new Set<X509SvidErrorCode>([
  "UNTRUSTED",
  "EXPIRED",
  "NOT_YET_VALID",
  "SIGNER_NOT_CA",
  "SIGNER_NO_KEY_CERT_SIGN",
  "PATH_LEN",
  "NAME_CONSTRAINT",
  "UNKNOWN_CRITICAL",
  "WRONG_EKU",
  "WEAK_KEY",
  "UNSUPPORTED_KEY",
  "WEAK_SIGNATURE",
  "PATH_BUDGET",
]);

/**
 * Verifies an X.509-SVID as X509-SVID §5 asks: the rules of a leaf, then RFC 5280 from the leaf to the bundle of its own trust domain and
 * no other, then revocation. Synchronous and bounded, remembers nothing: call it in the handshake, and again when time or bundles changed.
 * `chain`: leaf first, as the peer sent it (DER, or already read), at most 8 certificates and 64 KiB; what follows the leaf may be in any
 * order.
 * @throws {X509SvidError} NO_CERTS, MALFORMED, TOO_LARGE; those of a leaf; NO_BUNDLE; UNTRUSTED, EXPIRED and the others of a path; REVOKED
 */
export function verifyPeer(
  chain: readonly Uint8Array[] | readonly Certificate[],
  bundles: BundleLookup<X509Bundle>,
  options: VerifyPeerOptions,
): VerifiedPeer {
  const [leaf, ...intermediates] = readChain(chain);
  const id = assertSvidLeaf(leaf);
  const claimedId = id.toString();
  const bundle = bundles.get(id.trustDomain);
  // A source that answers with another trust domain's bundle must not become trust.
  if (bundle === undefined || !bundle.trustDomain.equals(id.trustDomain)) {
    throw new X509SvidError(
      "NO_BUNDLE",
      `there is no bundle for the trust domain ${JSON.stringify(id.trustDomain.name)}`,
      {
        claimedId,
      },
    );
  }
  const path = findPath(leaf, intermediates, { bundle, options, claimedId });
  if (options.revoked !== undefined && path.some(options.revoked)) {
    throw new X509SvidError("REVOKED", "a certificate of the chain is revoked", { claimedId });
  }
  const notAfter = new Date(Math.min(...path.map((certificate) => certificate.notAfter.getTime())));
  return { id, chain: path, notAfter };
}

interface Search {
  readonly bundle: X509Bundle;
  readonly options: VerifyPeerOptions;
  readonly claimedId: string;
}

function findPath(leaf: Certificate, intermediates: readonly Certificate[], search: Search): Certificate[] {
  const { bundle, options, claimedId } = search;
  const { now, role } = options;
  try {
    const ekus = role === undefined ? [purposes.client, purposes.server] : [purposes[role]];
    return firstPath(ekus, (eku) => verifyPath(leaf, intermediates, bundle.authorities, { now, eku }));
  } catch (cause) {
    if (!(cause instanceof X509Error)) throw cause;
    const code = pathCodes.has(cause.code) ? (cause.code as X509SvidErrorCode) : "MALFORMED";
    throw new X509SvidError(code, cause.message, { cause, claimedId });
  }
}

/** Tries the next purpose only when nothing but the purpose was wrong. */
function firstPath(
  [eku, ...others]: readonly string[],
  find: (eku: string | undefined) => Certificate[],
): Certificate[] {
  try {
    return find(eku);
  } catch (error) {
    if (others.length === 0 || !(error instanceof X509Error) || error.code !== "WRONG_EKU") throw error;
    return firstPath(others, find);
  }
}
