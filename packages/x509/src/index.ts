// SPDX-License-Identifier: Apache-2.0
export { createCaCertificate, type CaCertificateOptions } from "./ca-certificate.ts";
export { Certificate, parseCertificates } from "./certificate.ts";
export { X509Error, type X509ErrorCode } from "./errors.ts";
export type { Extension, KeyUsage } from "./extension.ts";
export type { GeneralName } from "./general-name.ts";
export { intermediateCertificate, type IntermediateFields, intermediateTbs } from "./intermediate-writer.ts";
export { LeafWriter, type LeafFields, type LeafSignatureAlgorithm } from "./leaf-writer.ts";
export { type ExpectedIntermediate, lintIntermediate } from "./lint-intermediate.ts";
export { lintLeaf } from "./lint-leaf.ts";
export type { DistinguishedName, NameAttribute } from "./name.ts";
export type { NameConstraints } from "./name-constraints.ts";
export { parsePem, toPem } from "./pem.ts";
export { assertAcceptableKey, type KeyPolicy } from "./public-key.ts";
export { CertificateRequest } from "./request.ts";
export { createRequest, type RequestOptions } from "./request-writer.ts";
export { RevocationList } from "./revocation-list.ts";
export {
  type RevocationListOptions,
  type RevocationReason,
  type RevokedSerialNumber,
  writeRevocationList,
} from "./revocation-list-writer.ts";
export { randomSerialNumber } from "./serial-number.ts";
export type { PathOptions } from "./path-rules.ts";
export { verifyPath } from "./verify-path.ts";
