// SPDX-License-Identifier: Apache-2.0
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { type SpiffeError, TrustDomain, verifyPeer, X509Bundle } from "@mayfly/spiffe";
import { Certificate, LeafWriter, randomSerialNumber } from "@mayfly/x509";
import { beforeEach, describe, expect, it } from "vitest";
import { type DownstreamCaRequest, type KeyStore, MemoryKeyStore, type SigningKey } from "../src/index.ts";
import { MemoryIssuanceLog } from "./support/memory-ports.ts";
import {
  activeCertificate,
  openTestService,
  readIntents,
  refusalOf,
  type TestService,
} from "./support/test-service.ts";

const requester = "spiffe://example.org/nested";
const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });

function spkiOf(key: KeyObject): Uint8Array {
  return key.export({ format: "der", type: "spki" });
}

function requestWith(changes: Partial<DownstreamCaRequest> = {}): DownstreamCaRequest {
  return { spki: spkiOf(keys.publicKey), ttlSeconds: 0, requester, entryId: "e1", entryRevision: 7, ...changes };
}

/** What a downstream server makes of its authority. */
function leafBelow(authority: Certificate, uri: string, now: Date): Uint8Array {
  const writer = new LeafWriter({ certificate: authority, signatureAlgorithm: "ecdsa-with-SHA256" });
  const spki = spkiOf(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey);
  const validity = { notBefore: now, notAfter: new Date(now.getTime() + 60_000) };
  const tbs = writer.tbs({ serialNumber: randomSerialNumber(), spki, uri, dnsNames: [], ...validity });
  return writer.certificate(tbs, sign("sha256", tbs, keys.privateKey));
}

describe("an authority for a downstream server", () => {
  let test: TestService;

  beforeEach(async () => {
    test = await openTestService();
  });

  async function issue(changes: Partial<DownstreamCaRequest> = {}): Promise<Certificate> {
    const issued = await test.service.signer.issueDownstreamCa(requestWith(changes));
    const [der = new Uint8Array()] = issued.chain;
    const certificate = Certificate.parse(der);
    expect([issued.notBefore, issued.notAfter]).toEqual([certificate.notBefore, certificate.notAfter]);
    expect(issued.serialNumber).toBe(certificate.serialNumber.toString());
    expect(issued.authorityId).toBe(certificate.authorityKeyId);
    return certificate;
  }

  /** "done", or the code by which `verifyPeer` refuses. */
  function verdict(chain: readonly Uint8Array[]): string {
    const bundle = new X509Bundle(TrustDomain.parse("example.org"), [activeCertificate(test.service)]);
    const bundles = { get: ({ name }: TrustDomain) => (name === "example.org" ? bundle : undefined) };
    try {
      verifyPeer(chain, bundles, { now: test.clock.now() });
      return "done";
    } catch (error) {
      return (error as SpiffeError).code;
    }
  }

  it("X509-11 X509-12 X509-15 is a CA of the trust domain below the active one, with a name of its own", async () => {
    const [one, two] = [await issue(), await issue()];
    expect(one.isSignedBy(activeCertificate(test.service)) && one.isCa).toBe(true);
    expect(one.uris).toEqual(["spiffe://example.org"]);
    expect(one.subjectText).toMatch(/^serialNumber=[0-9a-f]{32},OU=DOWNSTREAM-1,CN=Mayfly CA,O=Mayfly$/);
    expect(one.subjectText).not.toBe(two.subjectText);
    expect(test.service.counters).toMatchObject({ downstreamCasIssued: 2, x509Issued: 0 });
  });

  it.each([
    ["nothing is wished for", 0],
    ["more than the authority has is wished for", 2 ** 31 - 1],
  ])("lives to its authority's end when %s", async (_, ttlSeconds) => {
    expect((await issue({ ttlSeconds })).notAfter).toEqual(activeCertificate(test.service).notAfter);
  });

  it("is dated back by 30 seconds and lives as long as wished", async () => {
    test.clock.advance(3600);
    const second = Math.floor(test.clock.now().getTime() / 1000);
    const { notBefore, notAfter } = await issue({ ttlSeconds: 60 });
    expect([notBefore.getTime() / 1000, notAfter.getTime() / 1000]).toEqual([second - 30, second + 59]);
  });

  it("is recorded before it is signed: what, when, who and why", async () => {
    const certificate = await issue();
    expect(await readIntents(test.log)).toEqual([
      {
        kind: "x509",
        serialNumber: certificate.serialNumber.toString(16),
        spiffeId: "spiffe://example.org",
        notBefore: certificate.notBefore.getTime() / 1000,
        notAfter: certificate.notAfter.getTime() / 1000,
        tbsHash: new Uint8Array(createHash("sha256").update(certificate.tbs).digest()),
        requester,
        entryId: "e1",
        entryRevision: 7,
      },
    ]);
    const log = new (class extends MemoryIssuanceLog {
      override append(): Promise<number> {
        return Promise.reject(new Error("the disk is full"));
      }
    })();
    const { service } = await openTestService({ log });
    expect(await refusalOf(() => service.signer.issueDownstreamCa(requestWith()))).toBe("SIGNER_LOG_UNAVAILABLE");
  });

  it("comes from the authority that is active now", async () => {
    await issue();
    const next = await test.service.authorities.prepare("x509");
    await test.service.authorities.activate("x509", next.id);
    expect((await issue()).authorityKeyId).toBe(next.id);
  });

  it("signs leaves that are trusted in its own trust domain, and in no other", async () => {
    const authority = await issue();
    const leaf = (uri: string): Uint8Array => leafBelow(authority, uri, test.clock.now());
    expect(verdict([leaf("spiffe://example.org/w"), authority.der])).toBe("done");
    expect(verdict([leaf("spiffe://example.org/w")])).toBe("UNTRUSTED");
    expect(verdict([leaf("spiffe://other.test/w"), authority.der])).toBe("NO_BUNDLE");
    expect(verdict([authority.der])).toBe("ROOT_PATH");
  });

  it.each<[string, Partial<DownstreamCaRequest>, string]>([
    ["a requester outside the trust domain", { requester: "spiffe://other.test/nested" }, "ID_REFUSED"],
    ["a requester that is no workload", { requester: "local" }, "ID_REFUSED"],
    ["an agent", { requester: "spiffe://example.org/spire/agent/x" }, "ID_REFUSED"],
    ["nobody", { requester: "" }, "REQUESTER_REFUSED"],
    ["a request without entry", { entryId: "" }, "REQUESTER_REFUSED"],
    ["a negative lifetime", { ttlSeconds: -1 }, "TTL_REFUSED"],
    ["a weak key", { spki: spkiOf(generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey) }, "KEY_REFUSED"],
    ["what is no key", { spki: new Uint8Array(91) }, "KEY_REFUSED"],
  ])("is refused to %s", async (_, changes, code) => {
    expect(await refusalOf(() => test.service.signer.issueDownstreamCa(requestWith(changes)))).toBe(code);
    expect(await readIntents(test.log)).toEqual([]);
  });

  it("CSR-D11 is refused for a key of any authority, with an alarm", async () => {
    for (const kind of ["x509", "jwt"] as const) {
      const { publicKey: spki } = test.service.authorities.slots(kind).active ?? {};
      if (spki === undefined) throw new TypeError("there is an active authority");
      expect(await refusalOf(() => test.service.signer.issueDownstreamCa(requestWith({ spki })))).toBe(
        "KEY_OF_AUTHORITY",
      );
    }
    expect(test.alarms).toEqual(["request_for_authority_key", "request_for_authority_key"]);
  });

  it("does not leave when its signature is another key's", async () => {
    const store = new MemoryKeyStore();
    const stranger = await store.generate("stranger");
    const lying: KeyStore = {
      generate: (name) => store.generate(name),
      delete: (name) => store.delete(name),
      open: async (name) => {
        const key = await store.open(name);
        if (key === undefined) return undefined;
        const { publicKey, publicKeyObject } = key;
        const webCrypto: SigningKey["webCrypto"] = () => key.webCrypto();
        return { publicKey, publicKeyObject, webCrypto, sign: (data, form) => stranger.sign(data, form) };
      },
    };
    const { service, alarms } = await openTestService({ keys: lying });
    expect(await refusalOf(() => service.signer.issueDownstreamCa(requestWith()))).toBe("SIGNER_SELF_CHECK_FAILED");
    expect(alarms).toEqual(["self_check_failed"]);
    expect(service.counters).toMatchObject({ downstreamCasIssued: 0, selfCheckFailures: 1 });
  });

  it("is refused by a signer that is closed", async () => {
    await test.service[Symbol.asyncDispose]();
    expect(await refusalOf(() => test.service.signer.issueDownstreamCa(requestWith()))).toBe("SIGNER_CLOSED");
  });
});
