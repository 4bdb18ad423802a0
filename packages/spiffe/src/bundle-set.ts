// SPDX-License-Identifier: Apache-2.0
import type { TrustDomain } from "./trust-domain.ts";

/** Gives the bundle of a trust domain, now; undefined when nothing is known of it. Bundles of different trust domains are never merged. */
export interface BundleLookup<B> {
  get(trustDomain: TrustDomain): B | undefined;
}

/** At most one bundle for each trust domain. Immutable; iterates in the order of addition. */
export class BundleSet<B extends { readonly trustDomain: TrustDomain }> implements BundleLookup<B> {
  readonly #bundles: ReadonlyMap<string, B>;

  private constructor(bundles: ReadonlyMap<string, B>) {
    this.#bundles = bundles;
  }

  /** Of two bundles for one trust domain the later counts. */
  static of<B extends { readonly trustDomain: TrustDomain }>(...bundles: readonly B[]): BundleSet<B> {
    return new BundleSet(new Map(bundles.map((bundle) => [bundle.trustDomain.name, bundle])));
  }

  get size(): number {
    return this.#bundles.size;
  }

  get(trustDomain: TrustDomain): B | undefined {
    return this.#bundles.get(trustDomain.name);
  }

  /** A set with this bundle in place of the one that its trust domain had. */
  with(bundle: B): BundleSet<B> {
    return new BundleSet(new Map(this.#bundles).set(bundle.trustDomain.name, bundle));
  }

  /** A set without a bundle for this trust domain. */
  without(trustDomain: TrustDomain): BundleSet<B> {
    const rest = new Map(this.#bundles);
    rest.delete(trustDomain.name);
    return new BundleSet(rest);
  }

  [Symbol.iterator](): IterableIterator<B> {
    return this.#bundles.values();
  }
}
