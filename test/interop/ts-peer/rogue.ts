// SPDX-License-Identifier: Apache-2.0
// rogue.ts TRUST_DOMAIN SPIFFE_ID: a CA of that trust domain, and what it signs for an ID of another, as one line of JSON with PEM texts.
import { toPem } from "@mayfly/x509";
import { TestCa } from "@mayfly/testkit";

const [trustDomain = "", id = ""] = process.argv.slice(2);
const ca = TestCa.create({ trustDomain });
// Everything about the leaf is right but who signed it.
const { chain, privateKey } = ca.leafWithBadSpiffeId(id);
const pem = (der: Uint8Array): string => toPem("CERTIFICATE", der);
console.log(
  JSON.stringify({
    bundle: pem(ca.certificate),
    certificate: chain.map(pem).join(""),
    key: privateKey.export({ format: "pem", type: "pkcs8" }),
  }),
);
