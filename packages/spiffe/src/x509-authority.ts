// SPDX-License-Identifier: Apache-2.0
import { Certificate, X509Error } from "@mayfly/x509";
import { decodeBase64 } from "./base64url.ts";
import { BundleError } from "./errors.ts";
import { exportJwk, importJwk } from "./jwk.ts";
import type { JsonObject } from "./json.ts";

const maxEncodedLength = 22_000;

/**
 * The CA certificate of a JWK with `x5c` (X509-SVID §6.2): the first value counts, base64 with padding; the JWK's own key
 * must be the certificate's (RFC 7517 §4.7).
 * @throws {BundleError} MALFORMED, BAD_KEY
 */
export function readX509Authority(jwk: JsonObject): Certificate {
  const { x5c } = jwk;
  const encoded: unknown = Array.isArray(x5c) ? x5c[0] : undefined;
  const der = typeof encoded === "string" && encoded.length <= maxEncodedLength ? decodeBase64(encoded) : undefined;
  if (der === undefined) throw new BundleError("MALFORMED", "a key for X.509-SVIDs has no certificate in base64");
  const publicKey = importJwk(jwk);
  const certificate = readCertificate(der);
  if (Buffer.compare(publicKey.export({ format: "der", type: "spki" }), certificate.spki) !== 0) {
    throw new BundleError("BAD_KEY", "a key is another than that of its certificate");
  }
  return certificate;
}

function readCertificate(der: Uint8Array): Certificate {
  try {
    return Certificate.parse(der);
  } catch (cause) {
    if (!(cause instanceof X509Error)) throw cause;
    throw new BundleError("MALFORMED", `a certificate can't be read: ${cause.message}`, { cause });
  }
}

/** The JWK of a CA certificate: `use`, the key's members and one `x5c`; no `kid`. @throws {BundleError} BAD_KEY */
export function x509AuthorityJwk(certificate: Certificate): JsonObject {
  return {
    use: "x509-svid",
    ...exportJwk(certificate.publicKey),
    x5c: [Buffer.from(certificate.der).toString("base64")],
  };
}
