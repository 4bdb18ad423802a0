// SPDX-License-Identifier: Apache-2.0
import { Certificate, parseCertificates, X509Error } from "@mayfly/x509";
import { SpiffeIdError, X509SvidError, type X509SvidErrorCode } from "./errors.ts";
import { serialNumberOf } from "./serial-number.ts";
import { SpiffeId } from "./spiffe-id.ts";

const maxChainCertificates = 8;
const maxChainBytes = 65_536;
const maxToldUris = 8;

/**
 * A chain, leaf first: DER one by one, DER in one piece, or certificates already read. At most 8 certificates and 64 KiB.
 * @throws {X509SvidError} NO_CERTS, MALFORMED, TOO_LARGE
 */
export function readChain(
  chain: Uint8Array | readonly Uint8Array[] | readonly Certificate[],
): [Certificate, ...Certificate[]] {
  const [leaf, ...rest] = chain instanceof Uint8Array ? readConcatenated(chain) : readList(chain);
  if (leaf === undefined) throw new X509SvidError("NO_CERTS", "there is no certificate; a chain begins with the leaf");
  return [leaf, ...rest];
}

function readConcatenated(der: Uint8Array): Certificate[] {
  assertBytes(der.length);
  const certificates = reading(() => parseCertificates(der));
  assertCount(certificates.length);
  return certificates;
}

/** The bytes of a member of a chain. */
export function derOf(member: Uint8Array | Certificate): Uint8Array {
  return member instanceof Uint8Array ? member : member.der;
}

/** At most 8 certificates and 64 KiB. @throws {X509SvidError} TOO_LARGE */
export function assertChainSize(chain: readonly (Uint8Array | Certificate)[]): void {
  assertCount(chain.length);
  assertBytes(chain.reduce((sum, member) => sum + derOf(member).length, 0));
}

function readList(chain: readonly (Uint8Array | Certificate)[]): Certificate[] {
  assertChainSize(chain);
  return chain.map((member) => (member instanceof Uint8Array ? reading(() => Certificate.parse(member)) : member));
}

function assertCount(count: number): void {
  if (count > maxChainCertificates) {
    throw new X509SvidError(
      "TOO_LARGE",
      `a chain of ${count} certificates where at most ${maxChainCertificates} are allowed`,
    );
  }
}

function assertBytes(bytes: number): void {
  if (bytes > maxChainBytes) {
    throw new X509SvidError("TOO_LARGE", `a chain of ${bytes} bytes where at most ${maxChainBytes} are allowed`);
  }
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof X509Error)) throw cause;
    const code = cause.code === "TOO_LARGE" ? "TOO_LARGE" : "MALFORMED";
    throw new X509SvidError(code, `a certificate can't be read: ${cause.message}`, { cause });
  }
}

/**
 * What X509-SVID §5.2 asks of a leaf by itself, in the order of the standard; gives its SPIFFE ID. Nothing is said about trust.
 * @throws {X509SvidError} NO_URI_SAN, MULTIPLE_URI_SAN, BAD_SPIFFE_ID, ROOT_PATH, LEAF_IS_CA, LEAF_KEY_CERT_SIGN, LEAF_CRL_SIGN,
 * LEAF_NO_DIGITAL_SIGNATURE
 */
export function assertSvidLeaf(leaf: Certificate): SpiffeId {
  const id = leafId(leaf);
  const refuse = (code: X509SvidErrorCode, message: string): never => {
    throw new X509SvidError(code, message, {
      claimedId: id.toString(),
      serialNumber: serialNumberOf(leaf.serialNumber),
    });
  };
  // X509-SVID §5.2: an ID without a path names a trust domain, never a workload.
  if (id.path === "") refuse("ROOT_PATH", "the leaf's SPIFFE ID has no path: it names a trust domain, not a workload");
  // X509-SVID §4.1.
  if (leaf.isCa)
    refuse("LEAF_IS_CA", "the leaf is a CA's certificate, which is for signing and not for authenticating");
  // X509-SVID §4.3.
  const usage = leaf.keyUsage;
  if (usage?.keyCertSign === true)
    refuse("LEAF_KEY_CERT_SIGN", "the leaf may sign certificates; its key usage must not have keyCertSign");
  if (usage?.crlSign === true)
    refuse("LEAF_CRL_SIGN", "the leaf may sign revocation lists; its key usage must not have cRLSign");
  if (usage?.digitalSignature !== true || !usage.critical)
    refuse("LEAF_NO_DIGITAL_SIGNATURE", "the leaf has no critical key usage with digitalSignature, which it must have");
  return id;
}

function leafId(leaf: Certificate): SpiffeId {
  const [uri, ...others] = leaf.uris;
  const facts = {
    serialNumber: serialNumberOf(leaf.serialNumber),
    uris: leaf.uris.slice(0, maxToldUris).map((text) => (text.length > 80 ? `${text.slice(0, 80)}…` : text)),
  };
  if (uri === undefined)
    throw new X509SvidError("NO_URI_SAN", "the leaf has no URI name, which would be its SPIFFE ID", facts);
  // X509-SVID §5.2: one URI name, whatever the others are.
  if (others.length > 0) {
    throw new X509SvidError(
      "MULTIPLE_URI_SAN",
      `the leaf has ${leaf.uris.length} URI names where one is allowed`,
      facts,
    );
  }
  try {
    return SpiffeId.parse(uri);
  } catch (cause) {
    if (!(cause instanceof SpiffeIdError)) throw cause;
    throw new X509SvidError("BAD_SPIFFE_ID", `the leaf's URI name is no SPIFFE ID: ${cause.message}`, {
      cause,
      ...facts,
    });
  }
}
