// SPDX-License-Identifier: Apache-2.0
import type { Certificate } from "@mayfly/x509";
import type { BundleLookup } from "./bundle-set.ts";
import { X509SvidError } from "./errors.ts";
import type { Revocations } from "./revocations.ts";
import { serialNumberOf } from "./serial-number.ts";
import type { SpiffeId } from "./spiffe-id.ts";
import { findSvidPath } from "./svid-path.ts";
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
  /** Lists that certificates of the path may be in, the authority excepted: that one goes with its bundle. */
  readonly revocations?: Revocations | undefined;
  /** Asked for each certificate of the path, the authority too. */
  readonly revoked?: ((certificate: Certificate) => boolean) | undefined;
  /** The end of TLS that the peer is; a certificate that names purposes must name this one. Default: one of the two. */
  readonly role?: "client" | "server" | undefined;
}

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
  const certificates = readChain(chain);
  const id = assertSvidLeaf(certificates[0]);
  const claimedId = id.toString();
  const bundle = bundles.get(id.trustDomain);
  // A source that answers with another trust domain's bundle must not become trust.
  if (bundle === undefined || !bundle.trustDomain.equals(id.trustDomain)) {
    throw new X509SvidError(
      "NO_BUNDLE",
      `there is no bundle for the trust domain ${JSON.stringify(id.trustDomain.name)}; it would have to be federated`,
      { claimedId, serialNumber: serialNumberOf(certificates[0].serialNumber) },
    );
  }
  const path = findSvidPath(certificates, { bundle, now: options.now, role: options.role, claimedId });
  assertNotRevoked(path, options, claimedId);
  const notAfter = new Date(Math.min(...path.map((certificate) => certificate.notAfter.getTime())));
  return { id, chain: path, notAfter };
}

function assertNotRevoked(path: readonly Certificate[], options: VerifyPeerOptions, claimedId: string): void {
  const { revocations, revoked } = options;
  for (const [index, certificate] of path.entries()) {
    const issuer = path[index + 1];
    const isListed = issuer !== undefined && revocations?.isRevoked(certificate, issuer) === true;
    if (!isListed && revoked?.(certificate) !== true) continue;
    const serialNumber = serialNumberOf(certificate.serialNumber);
    const who = index === 0 ? "the certificate" : "an issuer's certificate";
    throw new X509SvidError("REVOKED", `${who} with the serial number ${serialNumber} is revoked`, {
      claimedId,
      serialNumber,
    });
  }
}
