// SPDX-License-Identifier: Apache-2.0
// rogue.ts TRUST_DOMAIN SPIFFE_ID: a CA of that trust domain, what it signs for an ID of its own and for that ID of another, as one line of
// JSON with PEM texts.
import { TestCa, type TestIdentity } from "@mayfly/testkit";
import { toPem } from "@mayfly/x509";

const [trustDomain = "", id = ""] = process.argv.slice(2);
const ca = TestCa.create({ trustDomain });

function files({ chain, privateKey }: TestIdentity): { readonly certificate: string; readonly key: string } {
  const certificate = chain.map((der) => toPem("CERTIFICATE", der)).join("");
  return { certificate, key: privateKey.export({ format: "pem", type: "pkcs8" }) };
}

const bundle = toPem("CERTIFICATE", ca.certificate);
// Everything about the rogue's leaf is right but who signed it.
console.log(JSON.stringify({ bundle, friend: files(ca.issue("/friend")), rogue: files(ca.leafWithBadSpiffeId(id)) }));
