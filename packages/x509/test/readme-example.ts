// SPDX-License-Identifier: Apache-2.0
import { type KeyObject, sign } from "node:crypto";
import {
  Certificate,
  CertificateRequest,
  type LeafFields,
  LeafWriter,
  lintLeaf,
  randomSerialNumber,
} from "../src/index.ts";

/** Certifies the key of a request for ten minutes; nothing else of the request counts. `issuer`: an authority with a P-256 key. */
export function certify(
  request: Uint8Array,
  uri: string,
  issuer: { certificate: Certificate; key: KeyObject },
): Uint8Array {
  const asked = CertificateRequest.parse(request);
  if (!asked.verify()) throw new Error("the requester does not hold the key");
  const fields: LeafFields = {
    serialNumber: randomSerialNumber(),
    spki: asked.spki,
    uri,
    dnsNames: [],
    notBefore: new Date(Date.now() - 30_000),
    notAfter: new Date(Date.now() + 600_000),
  };
  const writer = new LeafWriter({ certificate: issuer.certificate, signatureAlgorithm: "ecdsa-with-SHA256" });
  const tbs = writer.tbs(fields);
  const der = writer.certificate(tbs, sign("sha256", tbs, issuer.key));
  const reasons = lintLeaf(Certificate.parse(der), { ...fields, issuer: issuer.certificate });
  if (reasons.length > 0) throw new Error(reasons.join("; "));
  return der;
}
