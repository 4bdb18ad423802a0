// SPDX-License-Identifier: Apache-2.0
import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";

/** More than any chain that we accept. */
const maxChain = 9;

const chains = new WeakMap<TLSSocket, readonly Uint8Array[]>();

/**
 * The certificates that the peer of a finished handshake sent: DER, leaf first, in its order, each once; empty when it sent none; no more
 * than nine. The same at each call. OpenSSL's own verdict is not an input.
 */
export function peerChain(socket: TLSSocket): readonly Uint8Array[] {
  let chain = chains.get(socket);
  if (chain === undefined) {
    chain = readChain(socket);
    chains.set(socket, chain);
  }
  return chain;
}

/** @NOTE Node 22 and 24 take the leaf out of a server's chain while they give it: the next look would find another leaf, or none. */
function readChain(socket: TLSSocket): Uint8Array[] {
  const chain: Uint8Array[] = [];
  let current: X509Certificate | undefined = socket.getPeerX509Certificate();
  for (let count = 0; current !== undefined && count < maxChain; count++) {
    const { raw } = current;
    if (!chain.some((each) => raw.equals(each))) chain.push(raw);
    current = current.issuerCertificate;
  }
  return chain;
}
