// SPDX-License-Identifier: Apache-2.0
import { BundleSet, Revocations, type X509Bundle } from "@mayfly/spiffe";

/**
 * The bundles of an update, where nothing changed as the objects that were there before: verdicts about peers are remembered by the
 * identity of the bundle, and an update that only brings a new SVID leaves them in force.
 */
export function shareBundles(
  previous: BundleSet<X509Bundle> | undefined,
  next: BundleSet<X509Bundle>,
): BundleSet<X509Bundle> {
  if (previous === undefined) return next;
  const shared = [...next].map((bundle) => {
    const before = previous.get(bundle.trustDomain);
    return before?.equals(bundle) === true ? before : bundle;
  });
  const same = shared.length === previous.size && shared.every((bundle) => previous.get(bundle.trustDomain) === bundle);
  return same ? previous : BundleSet.of(...shared);
}

/** Revocations of the newest lists, made once for each update, and kept while the lists stay the same. */
export class SharedRevocations {
  #last: { crls: readonly Uint8Array[]; readonly revocations: Revocations } | undefined;

  /** `onIgnored` is told of lists that can't be read. */
  of(crls: readonly Uint8Array[], onIgnored: (reason: string) => void): Revocations {
    const last = this.#last;
    if (last !== undefined && sameBytes(last.crls, crls)) {
      last.crls = crls;
      return last.revocations;
    }
    const revocations = Revocations.of(crls, ({ index, reason }) => onIgnored(`list ${index}: ${reason}`));
    this.#last = { crls, revocations };
    return revocations;
  }
}

function sameBytes(one: readonly Uint8Array[], other: readonly Uint8Array[]): boolean {
  if (one === other) return true;
  return one.length === other.length && one.every((der, index) => Buffer.compare(der, other[index] ?? der) === 0);
}
