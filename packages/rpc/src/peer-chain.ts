// SPDX-License-Identifier: Apache-2.0
import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";

/** More than any chain that we accept. */
const maxChain = 9;

/**
 * The certificates that the peer of a finished handshake sent: DER, leaf first, in its order, each once; empty when it sent none; no more
 * than nine. OpenSSL's own verdict is not an input.
 */
export function peerChain(socket: TLSSocket): Uint8Array[] {
  const chain: Uint8Array[] = [];
  let current: X509Certificate | undefined = socket.getPeerX509Certificate();
  for (let count = 0; current !== undefined && count < maxChain; count++) {
    const { raw } = current;
    if (!chain.some((each) => raw.equals(each))) chain.push(raw);
    current = current.issuerCertificate;
  }
  return chain;
}
