// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { X509Request } from "../src/index.ts";
import {
  activeCertificate,
  newSpki,
  openTestService,
  readIntents,
  refusalOf,
  requestFor,
  type TestService,
} from "./support/test-service.ts";

let test: TestService;

beforeAll(async () => {
  test = await openTestService();
});

async function refusal(request: X509Request): Promise<string> {
  return refusalOf(() => test.service.signer.issueX509([request]));
}

function rsaSpki(modulusLength: number): Uint8Array {
  return generateKeyPairSync("rsa", { modulusLength }).publicKey.export({ format: "der", type: "spki" });
}

describe("the signer refuses", () => {
  it.each([
    ["another trust domain", "spiffe://other.org/a"],
    ["a domain that ours is a part of", "spiffe://example.org.evil/a"],
    ["the bare trust domain", "spiffe://example.org"],
    ["the server's path", "spiffe://example.org/spire/server"],
    ["an agent's path", "spiffe://example.org/spire/agent/join_token/x"],
    ["the reserved root", "spiffe://example.org/spire"],
    ["no ID at all", "https://example.org/a"],
    ["a path with dots", "spiffe://example.org/a/../spire/server"],
    ["a trailing slash", "spiffe://example.org/a/"],
    ["a query", "spiffe://example.org/a?b"],
    ["nothing", ""],
    ["an ID of 2,049 bytes", `spiffe://example.org/${"a".repeat(2028)}`],
  ])("ISS-D11 X509-03 a workload's ID that is %s", async (_name, spiffeId) => {
    expect(await refusal(requestFor("a", { spiffeId }))).toBe("ID_REFUSED");
    expect(await refusal(requestFor("a", { spiffeId, purpose: "mint" }))).toBe("ID_REFUSED");
    const jwt = { spiffeId, audience: ["a"], ttlSeconds: 0, requester: "local" };
    expect(await refusalOf(() => test.service.signer.issueJwt(jwt))).toBe("ID_REFUSED");
  });

  it("ISS-D11 IDs of another class than the purpose", async () => {
    expect(await refusal(requestFor("a", { purpose: "agent" }))).toBe("ID_REFUSED");
    expect(await refusal(requestFor("spire/agent", { purpose: "agent" }))).toBe("ID_REFUSED");
    expect(await refusal(requestFor("spire/agent/a", { purpose: "server" }))).toBe("ID_REFUSED");
    expect(await refusal(requestFor("spire/server/a", { purpose: "server" }))).toBe("ID_REFUSED");
    expect(await refusal(requestFor("spire/agent/a", { purpose: "agent" }))).toBe("done");
    expect(await refusal(requestFor("spire/server", { purpose: "server" }))).toBe("done");
  });

  it("CSR-D11 the key of one of its own authorities, and raises an alarm", async () => {
    const { authorities, counters } = test.service;
    const own = [activeCertificate(test.service).spki, authorities.slots("jwt").active?.publicKey ?? new Uint8Array()];
    const before = test.alarms.length;
    for (const spki of own) expect(await refusal(requestFor("a", { spki }))).toBe("KEY_OF_AUTHORITY");
    expect(test.alarms.slice(before)).toEqual(["request_for_authority_key", "request_for_authority_key"]);
    expect(counters.authorityKeyRequests).toBe(2);
  });

  it("CSR-D05 keys that are too weak or odd", async () => {
    const secp256k1 = newSpki("secp256k1");
    const ed25519 = generateKeyPairSync("ed25519").publicKey.export({ format: "der", type: "spki" });
    for (const spki of [rsaSpki(1024), secp256k1, ed25519, randomBytes(91), new Uint8Array()]) {
      expect(await refusal(requestFor("a", { spki }))).toBe("KEY_REFUSED");
    }
    expect(await refusal(requestFor("a", { spki: rsaSpki(2048) }))).toBe("done");
    expect(await refusal(requestFor("a", { spki: newSpki("P-384") }))).toBe("done");
  });

  it("CSR-D03 a subject from anybody but an operator who mints", async () => {
    const subjectDer = Buffer.from("3000", "hex");
    for (const purpose of ["workload", "agent", "server"] as const) {
      const path = { workload: "a", agent: "spire/agent/a", server: "spire/server" }[purpose];
      expect(await refusal(requestFor(path, { purpose, subjectDer }))).toBe("SUBJECT_REFUSED");
    }
    expect(await refusal(requestFor("a", { purpose: "mint", subjectDer }))).toBe("done");
    expect(await refusal(requestFor("a", { purpose: "mint", subjectDer: randomBytes(3000) }))).toBe("SUBJECT_REFUSED");
  });

  it("DNS names that are none, come twice or are too many", async () => {
    const many = Array.from({ length: 129 }, (_, index) => `h${index}.example.org`);
    for (const dnsNames of [[""], [" "], ["a\0b"], ["ä.org"], ["a.org", "a.org"], ["a".repeat(256)], many]) {
      expect(await refusal(requestFor("a", { dnsNames }))).toBe("DNS_NAME_REFUSED");
    }
  });

  it("a request that the log could not name", async () => {
    expect(await refusal(requestFor("a", { requester: "" }))).toBe("REQUESTER_REFUSED");
    expect(await refusal(requestFor("a", { requester: "r".repeat(2049) }))).toBe("REQUESTER_REFUSED");
    for (const entryId of ["e".repeat(1025), "\ud800"]) {
      expect(await refusal(requestFor("a", { entryId }))).toBe("REQUESTER_REFUSED");
    }
    for (const entryRevision of [-1, 0.5, 2 ** 53]) {
      expect(await refusal(requestFor("a", { entryId: "e", entryRevision }))).toBe("REQUESTER_REFUSED");
    }
  });

  it("audiences that are none", async () => {
    const tooMany = Array.from({ length: 33 }, String);
    for (const audience of [[], [""], ["a", ""], tooMany, ["a".repeat(1025)]]) {
      const request = { spiffeId: "spiffe://example.org/a", audience, ttlSeconds: 0, requester: "local" };
      expect(await refusalOf(() => test.service.signer.issueJwt(request))).toBe("AUDIENCE_REFUSED");
    }
  });

  it("the whole call for one bad request, and records nothing of it", async () => {
    const before = (await readIntents(test.log)).length;
    const requests = [requestFor("a"), requestFor("b", { spiffeId: "spiffe://other.org/b" }), requestFor("c")];
    expect(await refusalOf(() => test.service.signer.issueX509(requests))).toBe("ID_REFUSED");
    expect(await readIntents(test.log)).toHaveLength(before);
  });

  it("everything after it was closed", async () => {
    const { service } = await openTestService();
    await service[Symbol.asyncDispose]();
    expect(await refusalOf(() => service.signer.issueX509([requestFor("a")]))).toBe("SIGNER_CLOSED");
  });

  it("ISS-D07 a configuration that dates back further than 30 s, or lifetimes that are none", async () => {
    await expect(openTestService({ backdateSeconds: 31 })).rejects.toThrow(RangeError);
    await expect(openTestService({ ttls: { x509SvidSeconds: 0 } })).rejects.toThrow(RangeError);
    await expect(openTestService({ ttls: { authoritySeconds: 1.5 } })).rejects.toThrow(RangeError);
  });
});
