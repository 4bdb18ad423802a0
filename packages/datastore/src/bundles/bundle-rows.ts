// SPDX-License-Identifier: Apache-2.0
import type { StoredBundle } from "@mayfly/registration";
import type { Selectable } from "kysely";
import type { Schema } from "../sqlite/schema.ts";

type BundleRow = Selectable<Schema["bundles"]>;
type X509Json = [der: string, tainted: boolean];
type JwtJson = [keyId: string, publicKey: string, expiresAt: number, tainted: boolean];

function encode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function decode(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}

export function toBundle(row: BundleRow): StoredBundle {
  const x509 = JSON.parse(row.x509_authorities) as X509Json[];
  const jwt = JSON.parse(row.jwt_authorities) as JwtJson[];
  return {
    trustDomain: row.trust_domain,
    x509Authorities: x509.map(([der, tainted]) => ({ der: decode(der), tainted })),
    jwtAuthorities: jwt.map(([keyId, key, expiresAt, tainted]) => ({
      keyId,
      publicKey: decode(key),
      expiresAt,
      tainted,
    })),
    refreshHint: row.refresh_hint,
    sequenceNumber: BigInt(row.sequence_number),
  };
}

/** The columns of a bundle. An authority may stand in a bundle twice, so that they are lists, not rows. */
export function toColumns(bundle: StoredBundle, revision: number): Omit<BundleRow, "row_id"> {
  const x509 = bundle.x509Authorities.map(({ der, tainted }): X509Json => [encode(der), tainted]);
  const jwt = bundle.jwtAuthorities.map(
    ({ keyId, publicKey, expiresAt, tainted }): JwtJson => [keyId, encode(publicKey), expiresAt, tainted],
  );
  return {
    trust_domain: bundle.trustDomain,
    x509_authorities: JSON.stringify(x509),
    jwt_authorities: JSON.stringify(jwt),
    refresh_hint: bundle.refreshHint,
    sequence_number: String(bundle.sequenceNumber),
    revision,
  };
}
