// SPDX-License-Identifier: Apache-2.0
import type { DetailedPeerCertificate, TLSSocket } from "node:tls";

/** More than any chain that we accept. */
const maxChain = 9;

/** The certificates that the peer sent, DER, leaf first; empty when it sent none. OpenSSL's own verdict is not an input. */
export function peerChain(socket: TLSSocket): Uint8Array[] {
  const chain: Uint8Array[] = [];
  let current: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (current?.raw !== undefined && chain.length < maxChain) {
    const { raw } = current;
    if (chain.some((each) => raw.equals(each))) break;
    chain.push(raw);
    current = current.issuerCertificate;
  }
  return chain;
}
