// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { TestCa } from "../test-ca/test-ca.ts";
import { bundleMap, x509Message } from "./fake-state.ts";
import { definitions } from "./wire-definitions.ts";

it("says what a state says, each field in its place", () => {
  const [own, other] = [TestCa.create(), TestCa.create({ trustDomain: "other.test" })];
  const identity = own.issue("/web");
  const crl = Uint8Array.of(0x30, 0);
  const message = x509Message({ svids: [{ ca: own, identity, hint: "x" }], federated: [other], crls: [crl] });
  const codec = definitions["FetchX509SVID"];
  expect(codec?.responseDeserialize(codec.responseSerialize(message))).toEqual({
    svids: [
      {
        spiffe_id: "spiffe://example.org/web",
        x509_svid: Buffer.concat(identity.chain),
        x509_svid_key: identity.privateKey.export({ format: "der", type: "pkcs8" }),
        bundle: Buffer.from(own.certificate),
        hint: "x",
      },
    ],
    crl: [Buffer.from(crl)],
    federated_bundles: { "spiffe://other.test": Buffer.from(other.certificate) },
  });
});

it("takes bundles as they are to be sent, and messages as bytes", () => {
  expect(bundleMap({ "example.org": "{}", "spiffe://other.test": Uint8Array.of(1) })).toEqual({
    "spiffe://example.org": Buffer.from("{}"),
    "spiffe://other.test": Buffer.of(1),
  });
  expect(definitions["FetchX509SVID"]?.responseSerialize(Uint8Array.of(7))).toEqual(Buffer.of(7));
});
