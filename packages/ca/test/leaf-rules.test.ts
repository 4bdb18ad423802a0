// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, it } from "vitest";
import type { Certificate, Extension } from "@mayfly/x509";
import type { X509Request } from "../src/index.ts";
import {
  activeCertificate,
  issueOne,
  leafOf,
  openTestService,
  requestFor,
  type TestService,
} from "./support/test-service.ts";

let test: TestService;

beforeAll(async () => {
  test = await openTestService();
});

const oids = { keyUsage: "2.5.29.15", basicConstraints: "2.5.29.19", extKeyUsage: "2.5.29.37", names: "2.5.29.17" };

function extension(leaf: Certificate, oid: string): Extension {
  const [found, second] = leaf.extensions.filter((each) => each.oid === oid);
  if (found === undefined || second !== undefined) throw new TypeError(`a leaf has one extension ${oid}`);
  return found;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

const requests: [string, Partial<X509Request> & { readonly path: string }][] = [
  ["a workload", { path: "a" }],
  ["a workload with DNS names", { path: "a", dnsNames: ["a.example.org", "*.b.example.org"] }],
  ["an agent", { path: "spire/agent/join_token/x", purpose: "agent" }],
  ["the server", { path: "spire/server", purpose: "server" }],
  ["a minted one", { path: "m", purpose: "mint" }],
];

describe.each(requests)("the certificate of %s", (_name, { path, ...changes }) => {
  let leaf: Certificate;
  const dnsNames = changes.dnsNames ?? [];

  beforeAll(async () => {
    leaf = leafOf(await issueOne(test.service, requestFor(path, changes)));
  });

  it("X509-01 X509-02 X509-03 has one URI name, the ID with its path, and the DNS names", () => {
    expect(leaf.uris).toEqual([`spiffe://example.org/${path}`]);
    expect(leaf.dnsNames).toEqual(dnsNames);
  });

  it("X509-04 has critical names exactly when its subject is empty", () => {
    expect(hex(leaf.subjectDer) === "3000").toBe(dnsNames.length === 0);
    expect(extension(leaf, oids.names).critical).toBe(dnsNames.length === 0);
  });

  it("X509-05 has basic constraints, critical, that say no", () => {
    expect(extension(leaf, oids.basicConstraints)).toMatchObject({ critical: true });
    expect(hex(extension(leaf, oids.basicConstraints).value)).toBe("3000");
  });

  it("X509-06 X509-07 has key usage, critical, of digitalSignature only", () => {
    expect(extension(leaf, oids.keyUsage).critical).toBe(true);
    expect(hex(extension(leaf, oids.keyUsage).value)).toBe("03020780");
  });

  it("X509-08 is for both ends of TLS", () => {
    expect(leaf.extKeyUsage).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
  });

  it("X509-09 names its own key and the authority's, and began half a minute ago", () => {
    expect(leaf.subjectKeyId).toMatch(/^[0-9a-f]{40}$/);
    expect(leaf.authorityKeyId).toBe(activeCertificate(test.service).subjectKeyId);
    expect(test.clock.now().getTime() - leaf.notBefore.getTime()).toBe(30_000);
  });

  it("has nothing else", () => {
    expect(leaf.extensions).toHaveLength(6);
    expect(leaf.unknownCritical).toEqual([]);
  });
});
