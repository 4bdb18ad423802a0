// SPDX-License-Identifier: Apache-2.0
import { BundleSet, type TrustDomain, verifyPeer, type X509Bundle } from "@mayfly/spiffe";
import { Certificate } from "@mayfly/x509";
import type { Clock } from "../clock.ts";
import { AgentError } from "../errors.ts";

/** Checks a server's chain inside the handshake; throws to refuse. */
export type ServerVerifier = (chain: readonly Uint8Array[]) => void;

/** Accepts the server of the trust domain by the authorities that `bundle` gives at that moment. The verifier throws X509SvidError or AgentError SERVER_NOT_TRUSTED. */
export function verifyByBundle(trustDomain: TrustDomain, bundle: () => X509Bundle, clock: Clock): ServerVerifier {
  return (chain) => {
    const { id } = verifyPeer(chain, BundleSet.of(bundle()), { now: clock.now(), role: "server" });
    assertServerId(id.toString(), trustDomain);
  };
}

/** Accepts whoever says that it is the server: for the first contact of an operator who asked for it. */
export function verifyByNameOnly(trustDomain: TrustDomain): ServerVerifier {
  return ([leaf]) => {
    const uris = leaf === undefined ? [] : Certificate.parse(leaf).uris;
    assertServerId(uris.length === 1 ? (uris[0] ?? "") : "", trustDomain);
  };
}

function assertServerId(id: string, trustDomain: TrustDomain): void {
  const expected = `${trustDomain.idString}/spire/server`;
  if (id === expected) return;
  throw new AgentError("SERVER_NOT_TRUSTED", `expected the server ${expected}, got ${JSON.stringify(id)}`);
}
