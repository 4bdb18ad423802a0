// SPDX-License-Identifier: Apache-2.0
import type { StoredBundle } from "@mayfly/registration";
import { PeerVerifier, TrustDomain, X509Bundle } from "@mayfly/spiffe";
import { Certificate } from "@mayfly/x509";
import type { Clock } from "../clock.ts";
import type { LiveViews } from "../views/live-views.ts";
import type { PeerIdentity } from "./connection.ts";

/** A client of a foreign trust domain that is not listed as an operator. */
class ForeignPeerError extends Error {
  readonly code = "FOREIGN_PEER";
  readonly claimedId: string;

  constructor(id: string) {
    super("a member of another trust domain that is no operator");
    this.claimedId = id;
  }
}

/** What verifying clients needs. */
export interface ClientVerifierDeps {
  readonly trustDomain: string;
  readonly adminIds: readonly string[];
  readonly views: LiveViews;
  readonly clock: Clock;
}

/** Authorities that can be read; what operators stored by mistake verifies nothing. */
function parseBundle({ trustDomain, x509Authorities }: StoredBundle): X509Bundle {
  const authorities = x509Authorities.flatMap(({ der }) => {
    try {
      return [Certificate.parse(der)];
    } catch {
      return [];
    }
  });
  return new X509Bundle(TrustDomain.parse(trustDomain), authorities);
}

/** Verifies client chains against the bundle of the leaf's own trust domain. The result says who it is, not what it may. */
export class ClientVerifier {
  readonly #deps: ClientVerifierDeps;
  readonly #parsed = new WeakMap<StoredBundle, X509Bundle>();
  readonly #verifier = new PeerVerifier({ bundles: { get: ({ name }) => this.#bundle(name) }, role: "client" });

  constructor(deps: ClientVerifierDeps) {
    this.#deps = deps;
  }

  /** @throws {X509SvidError}, or an error of code FOREIGN_PEER */
  verify(chain: readonly Uint8Array[]): PeerIdentity {
    const { trustDomain, adminIds, clock } = this.#deps;
    const peer = this.#verifier.verify(chain, clock.now());
    const id = peer.id.toString();
    if (peer.id.trustDomain.name !== trustDomain && !adminIds.includes(id)) throw new ForeignPeerError(id);
    const [leaf] = peer.chain;
    if (leaf === undefined) throw new TypeError("a verified chain has a leaf");
    return { id, serialNumber: String(leaf.serialNumber), notAfter: peer.notAfter };
  }

  #bundle(name: string): X509Bundle | undefined {
    const stored = this.#deps.views.bundle(name);
    if (stored === undefined) return undefined;
    const known = this.#parsed.get(stored);
    if (known !== undefined) return known;
    const bundle = parseBundle(stored);
    this.#parsed.set(stored, bundle);
    return bundle;
  }
}
