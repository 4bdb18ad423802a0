// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import * as x509 from "./index.ts";

it("exports these values and no others", () => {
  expect(Object.keys(x509).toSorted()).toEqual([
    "Certificate",
    "CertificateRequest",
    "LeafWriter",
    "RevocationList",
    "X509Error",
    "assertAcceptableKey",
    "createCaCertificate",
    "createRequest",
    "intermediateCertificate",
    "intermediateTbs",
    "lintIntermediate",
    "lintLeaf",
    "parseCertificates",
    "parsePem",
    "randomSerialNumber",
    "toPem",
    "verifyPath",
    "writeRevocationList",
  ]);
});
