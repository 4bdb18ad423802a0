// SPDX-License-Identifier: Apache-2.0
import type { StoredBundle, StoredJwtAuthority, StoredX509Authority } from "@mayfly/registration";
import type { BundleMask, BundleMessage, JwtKeyMessage, X509CertificateMessage } from "@mayfly/rpc";
import { Certificate } from "@mayfly/x509";
import { createPublicKey } from "node:crypto";
import { applyMask, type Mask } from "../wire/mask.ts";
import { WireError } from "../wire/refusal.ts";

function toX509Message({ der, tainted }: StoredX509Authority): X509CertificateMessage {
  return { asn1: Buffer.from(der), tainted };
}

export function toJwtKeyMessage(key: StoredJwtAuthority): JwtKeyMessage {
  return {
    public_key: Buffer.from(key.publicKey),
    key_id: key.keyId,
    expires_at: String(key.expiresAt),
    tainted: key.tainted,
  };
}

/** A bundle as the wire has it; fields outside the mask are left out. */
export function toBundleMessage(bundle: StoredBundle, mask?: Mask<BundleMask>): Partial<BundleMessage> {
  const message: BundleMessage = {
    trust_domain: bundle.trustDomain,
    x509_authorities: bundle.x509Authorities.map(toX509Message),
    jwt_authorities: bundle.jwtAuthorities.map(toJwtKeyMessage),
    refresh_hint: String(bundle.refreshHint),
    sequence_number: String(bundle.sequenceNumber),
  };
  return applyMask(message, mask, "trust_domain");
}

/** A certificate that parses; an empty one is taken as it is, too. Whoever sends it can't taint it. @throws {WireError} */
export function parseX509Authority({ asn1 }: X509CertificateMessage): StoredX509Authority {
  try {
    if (asn1.length > 0) Certificate.parse(asn1);
  } catch (cause) {
    throw new WireError((cause as Error).message, { cause });
  }
  return { der: asn1, tainted: false };
}

/** A public key that parses, with a name. @throws {WireError} */
export function parseJwtAuthority({
  public_key: publicKey,
  key_id: keyId,
  expires_at,
}: JwtKeyMessage): StoredJwtAuthority {
  try {
    createPublicKey({ key: publicKey, format: "der", type: "spki" });
  } catch (cause) {
    throw new WireError("not a PKIX public key", { cause });
  }
  if (keyId === "") throw new WireError("missing key ID");
  return { keyId, publicKey, expiresAt: Number(expires_at), tainted: false };
}
