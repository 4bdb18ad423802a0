// SPDX-License-Identifier: Apache-2.0
import { createPublicKey } from "node:crypto";
import { Option } from "commander";
import type { BundleMessage } from "@mayfly/rpc";
import { SpiffeBundle, TrustDomain, X509Bundle } from "@mayfly/spiffe";

/** How a bundle is written: PEM certificates, or the SPIFFE bundle document (JWK set). */
export type BundleFormat = "pem" | "spiffe";

/** `--format pem|spiffe`. */
export function formatOption(): Option {
  return new Option("--format <format>", "PEM certificates, or the SPIFFE bundle document")
    .choices(["pem", "spiffe"])
    .default("pem");
}

/** A bundle message as text in one of the formats. */
export function bundleText(bundle: BundleMessage, format: BundleFormat): string {
  const trustDomain = TrustDomain.parse(bundle.trust_domain);
  const x509 = X509Bundle.fromDer(
    trustDomain,
    Buffer.concat(bundle.x509_authorities.map((authority) => authority.asn1)),
  );
  if (format === "pem") return x509.toPem();
  return new SpiffeBundle({
    trustDomain,
    x509Authorities: x509.authorities,
    jwtAuthorities: bundle.jwt_authorities.map((key) => ({
      keyId: key.key_id,
      publicKey: createPublicKey({ key: key.public_key, format: "der", type: "spki" }),
    })),
    sequenceNumber: BigInt(bundle.sequence_number),
    refreshHintSeconds: Number(bundle.refresh_hint),
  }).toJson();
}

/** The bundle message of a document in one of the formats. */
export function bundleMessage(name: string, text: string, format: BundleFormat): Record<string, unknown> {
  const trustDomain = TrustDomain.parse(name);
  if (format === "pem") {
    const { authorities } = X509Bundle.fromPem(trustDomain, text);
    return {
      trust_domain: trustDomain.name,
      x509_authorities: authorities.map((authority) => ({ asn1: authority.der })),
    };
  }
  const bundle = SpiffeBundle.parse(trustDomain, text);
  return {
    trust_domain: trustDomain.name,
    x509_authorities: bundle.x509Authorities.map((authority) => ({ asn1: authority.der })),
    jwt_authorities: bundle.jwtAuthorities.map((key) => ({
      key_id: key.keyId,
      public_key: key.publicKey.export({ format: "der", type: "spki" }),
    })),
    refresh_hint: bundle.refreshHintSeconds ?? 0,
    sequence_number: (bundle.sequenceNumber ?? 0n).toString(),
  };
}
