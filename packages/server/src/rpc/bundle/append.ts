// SPDX-License-Identifier: Apache-2.0
import type { StoredBundle, StoredJwtAuthority, StoredX509Authority } from "@mayfly/registration";

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function sameKey(a: StoredJwtAuthority, b: StoredJwtAuthority): boolean {
  return a.keyId === b.keyId && a.expiresAt === b.expiresAt && sameBytes(a.publicKey, b.publicKey);
}

function missing<T>(have: readonly T[], add: readonly T[], same: (a: T, b: T) => boolean): T[] {
  const out: T[] = [];
  for (const item of add) {
    if (![...have, ...out].some((each) => same(each, item))) out.push(item);
  }
  return out;
}

/** The bundle with the authorities it did not have yet and the next sequence number; undefined when it has them all. */
export function appendAuthorities(
  current: StoredBundle,
  added: { x509: readonly StoredX509Authority[]; jwt: readonly StoredJwtAuthority[] },
): StoredBundle | undefined {
  const x509 = missing(current.x509Authorities, added.x509, (a, b) => sameBytes(a.der, b.der));
  const jwt = missing(current.jwtAuthorities, added.jwt, sameKey);
  if (x509.length === 0 && jwt.length === 0) return undefined;
  return {
    ...current,
    x509Authorities: [...current.x509Authorities, ...x509],
    jwtAuthorities: [...current.jwtAuthorities, ...jwt],
    sequenceNumber: current.sequenceNumber + 1n,
  };
}
