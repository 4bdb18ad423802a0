// SPDX-License-Identifier: Apache-2.0
import { type VerifiedPeer, verifyPeer } from "@mayfly/spiffe";
import type { X509Source } from "../sources/x509-source.ts";

/** `verifyPeer` with what the source knows now. `chain`: DER, leaf first. @throws {X509SvidError}; {SourceError} CLOSED */
export function verifyChain(chain: readonly Uint8Array[], source: X509Source, role: "client" | "server"): VerifiedPeer {
  return verifyPeer(chain, source, { now: new Date(), role });
}
