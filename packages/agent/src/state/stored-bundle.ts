// SPDX-License-Identifier: Apache-2.0
import type { StoredBundle } from "@mayfly/registration";
import type { BundleMessage } from "@mayfly/rpc";
import { TrustDomain } from "@mayfly/spiffe";

/** A bundle as JSON keeps it: bytes in base64. */
export interface BundleRecord {
  readonly trust_domain: string;
  readonly x509: readonly { readonly der: string; readonly tainted: boolean }[];
  readonly jwt: readonly {
    readonly kid: string;
    readonly key: string;
    readonly expires_at: number;
    readonly tainted: boolean;
  }[];
  readonly refresh_hint: number;
  readonly sequence_number: string;
}

/** A bundle as a server sent it. @throws {SpiffeIdError} for a name that is none */
export function bundleFromMessage(message: BundleMessage): StoredBundle {
  return {
    trustDomain: TrustDomain.parse(message.trust_domain).name,
    x509Authorities: message.x509_authorities.map(({ asn1, tainted }) => ({ der: asn1, tainted })),
    jwtAuthorities: message.jwt_authorities.map((key) => ({
      keyId: key.key_id,
      publicKey: key.public_key,
      expiresAt: Number(key.expires_at),
      tainted: key.tainted,
    })),
    refreshHint: Number(message.refresh_hint),
    sequenceNumber: BigInt(message.sequence_number),
  };
}

/** For the disk. */
export function bundleToRecord(bundle: StoredBundle): BundleRecord {
  return {
    trust_domain: bundle.trustDomain,
    x509: bundle.x509Authorities.map(({ der, tainted }) => ({ der: Buffer.from(der).toString("base64"), tainted })),
    jwt: bundle.jwtAuthorities.map(({ keyId, publicKey, expiresAt, tainted }) => ({
      kid: keyId,
      key: Buffer.from(publicKey).toString("base64"),
      expires_at: expiresAt,
      tainted,
    })),
    refresh_hint: bundle.refreshHint,
    sequence_number: String(bundle.sequenceNumber),
  };
}

/** From the disk. */
export function bundleFromRecord(record: BundleRecord): StoredBundle {
  return {
    trustDomain: record.trust_domain,
    x509Authorities: record.x509.map(({ der, tainted }) => ({ der: Buffer.from(der, "base64"), tainted })),
    jwtAuthorities: record.jwt.map((key) => ({
      keyId: key.kid,
      publicKey: Buffer.from(key.key, "base64"),
      expiresAt: key.expires_at,
      tainted: key.tainted,
    })),
    refreshHint: record.refresh_hint,
    sequenceNumber: BigInt(record.sequence_number),
  };
}
