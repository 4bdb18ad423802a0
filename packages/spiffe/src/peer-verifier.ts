// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import type { Certificate } from "@mayfly/x509";
import type { BundleLookup } from "./bundle-set.ts";
import type { Revocations } from "./revocations.ts";
import { VerdictMemo } from "./verdict-memo.ts";
import { type VerifiedPeer, verifyPeer } from "./verify-peer.ts";
import type { X509Bundle } from "./x509-bundle.ts";
import { assertChainSize, derOf, readChain } from "./x509-rules.ts";

/** What a `PeerVerifier` judges by. */
export interface PeerVerifierOptions {
  /** Asked each time. A bundle that changed has to be another object. */
  readonly bundles: BundleLookup<X509Bundle>;
  /** Asked each time. Default: none. */
  readonly revocations?: (() => Revocations | undefined) | undefined;
  /** The end of TLS that peers are, as for `verifyPeer`. */
  readonly role?: "client" | "server" | undefined;
}

const limits = { maxVerdicts: 4_096, maxBytes: 16_777_216 };

/**
 * `verifyPeer` with a memory, for those who see the same chains again: the same verdict and code for the same chain, time, bundles and
 * revocations, without any cryptography for a chain that was accepted before. Refusals are not remembered. At most 4,096 chains and
 * 16 MiB of them, the least recently seen dropped first. Another bundle or Revocations object empties what rested on the old one.
 */
export class PeerVerifier {
  readonly #options: PeerVerifierOptions;
  readonly #memo = new VerdictMemo(limits);
  #revocations: Revocations | undefined;

  constructor(options: PeerVerifierOptions) {
    this.#options = options;
  }

  /** How many chains are remembered. */
  get size(): number {
    return this.#memo.size;
  }

  /** `chain` as for `verifyPeer`. @throws {X509SvidError} as `verifyPeer` */
  verify(chain: readonly Uint8Array[] | readonly Certificate[], now: Date): VerifiedPeer {
    assertChainSize(chain);
    const revocations = this.#options.revocations?.();
    if (revocations !== this.#revocations) {
      this.#memo.clear();
      this.#revocations = revocations;
    }
    const key = chainKey(chain);
    return this.#recall(key, now.getTime()) ?? this.#judge(chain, key, now);
  }

  #recall(key: string, now: number): VerifiedPeer | undefined {
    const verdict = this.#memo.get(key);
    if (verdict === undefined) return undefined;
    const { peer, bundle, from, until } = verdict;
    if (this.#options.bundles.get(peer.id.trustDomain) !== bundle) {
      this.#memo.dropBundle(bundle);
      return undefined;
    }
    return from <= now && now < until ? copyOf(peer) : undefined;
  }

  #judge(chain: readonly Uint8Array[] | readonly Certificate[], key: string, now: Date): VerifiedPeer {
    const { role, bundles } = this.#options;
    const certificates = readChain(chain);
    let bundle: X509Bundle | undefined;
    const asked: BundleLookup<X509Bundle> = { get: (trustDomain) => (bundle = bundles.get(trustDomain)) };
    const peer = verifyPeer(certificates, asked, { now, role, revocations: this.#revocations });
    if (bundle === undefined) throw new TypeError("a peer is verified by a bundle");
    const bytes = certificates.reduce((sum, { der }) => sum + der.length, 0);
    const span = sameVerdictSpan([...certificates, ...bundle.authorities], now.getTime());
    const kept = { ...peer, chain: Object.freeze([...peer.chain]) };
    this.#memo.add(key, { peer: kept, bundle, bytes, ...span });
    return copyOf(kept);
  }
}

/** Dates can be changed by whoever holds them. */
function copyOf(peer: VerifiedPeer): VerifiedPeer {
  return { id: peer.id, chain: peer.chain, notAfter: new Date(peer.notAfter) };
}

/** SHA-256 over the certificates, each behind its length: where one ends can't be mistaken. */
function chainKey(chain: readonly (Uint8Array | Certificate)[]): string {
  const hash = createHash("sha256");
  const length = Buffer.alloc(4);
  for (const member of chain) {
    const der = derOf(member);
    length.writeUInt32BE(der.length);
    hash.update(length).update(der);
  }
  return hash.digest("latin1");
}

/**
 * The instants around `now`, milliseconds, between which no certificate that could be in a path begins or ends. Time does nothing else in
 * a verdict: between them it is the same. (The end of the path alone would not do. A better path may begin, whose authority is revoked.)
 */
function sameVerdictSpan(certificates: readonly Certificate[], now: number): { from: number; until: number } {
  let [from, until] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const { notBefore, notAfter } of certificates) {
    // RFC 5280 §4.1.2.5: the second of notAfter still belongs to the validity.
    for (const edge of [notBefore.getTime(), notAfter.getTime() + 1_000]) {
      if (edge <= now) from = Math.max(from, edge);
      else until = Math.min(until, edge);
    }
  }
  return { from, until };
}
