// SPDX-License-Identifier: Apache-2.0
import { PeerVerifier, type VerifiedPeer } from "@mayfly/spiffe";
import type { X509Source } from "../sources/x509-source.ts";

type Role = "client" | "server";

const verifiers: Readonly<Record<Role, WeakMap<X509Source, PeerVerifier>>> = {
  client: new WeakMap(),
  server: new WeakMap(),
};

/**
 * The verdict of `verifyPeer` with what the source knows now. `chain`: DER, leaf first; `role`: the end of TLS that the peer is.
 * @throws {X509SvidError}; {SourceError} CLOSED
 */
export function verifyChain(chain: readonly Uint8Array[], source: X509Source, role: Role): VerifiedPeer {
  let verifier = verifiers[role].get(source);
  if (verifier === undefined) {
    verifier = new PeerVerifier({ bundles: source, revocations: () => source.revocations, role });
    verifiers[role].set(source, verifier);
  }
  return verifier.verify(chain, new Date());
}
