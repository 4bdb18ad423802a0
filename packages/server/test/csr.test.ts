// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import {
  bundleService,
  type EntryMessage,
  mayflyAgentService,
  type RpcChannel,
  type StatusMessage,
  svidService,
} from "@mayfly/rpc";
import { Certificate } from "@mayfly/x509";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { caExtensions, name, rawRequest, seq, tlv, uriSan } from "./raw-request.ts";
import { type Identity, idOf, newKeys, ServerUnderTest, spkiOf, trustDomain } from "./server-under-test.ts";

const invalid = 3;

describe("requests for certificates", () => {
  let under: ServerUnderTest;
  let node: Identity;
  let agent: RpcChannel;
  let web: EntryMessage;

  beforeAll(async () => {
    under = await ServerUnderTest.start();
    node = await under.agent();
    agent = under.as(node);
    web = await under.entry({ spiffe_id: idOf("/web"), parent_id: node.id });
  });

  afterAll(async () => {
    await under[Symbol.asyncDispose]();
  });

  async function batch(csr: Uint8Array): Promise<{ status: StatusMessage | null; leaf: Certificate | undefined }> {
    const { results } = await agent.unary(svidService.methods.BatchNewX509SVID, {
      params: [{ entry_id: web.id, csr: Buffer.from(csr) }],
    });
    const [result] = results;
    const [der] = result?.svid?.cert_chain ?? [];
    return { status: result?.status ?? null, leaf: der && Certificate.parse(der) };
  }

  async function forKey(spki: Uint8Array): Promise<StatusMessage | null> {
    const { results } = await agent.unary(mayflyAgentService.methods.IssueX509, {
      keys: [{ entry_id: web.id, public_key: spki }],
    });
    return results[0]?.status ?? null;
  }

  it("signs an honest request", async () => {
    const keys = newKeys();
    const { status, leaf } = await batch(rawRequest(keys));
    expect(status).toEqual({ code: 0, message: "OK" });
    expect(leaf?.uris).toEqual([`spiffe://${trustDomain}/web`]);
    expect(Buffer.from(leaf?.spki ?? []).equals(spkiOf(keys.publicKey))).toBe(true);
  });

  it("CSR-D01: refuses a request whose signature does not verify, with one line in the log", async () => {
    const csr = rawRequest(newKeys());
    csr[csr.length - 1] = (csr.at(-1) ?? 0) ^ 1;
    const before = under.log.length;
    const { status, leaf } = await batch(csr);
    expect(status?.code).toBe(invalid);
    expect(leaf).toBeUndefined();
    const lines = under.log.slice(before).filter(({ event }) => event === "call_items_refused");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ caller: `spiffe://${trustDomain}${node.id.path}`, refused: 1 });
  });

  it("CSR-D02: issues the entry's ID, never the request's", async () => {
    const csr = rawRequest(newKeys(), { extensionSets: [[uriSan(`spiffe://${trustDomain}/admin`)]] });
    expect((await batch(csr)).leaf?.uris).toEqual([`spiffe://${trustDomain}/web`]);
  });

  it("CSR-D03: does not take over the subject of the request", async () => {
    const subject = name(["0603550403", "spire-server"], ["060355040a", "Mayfly"], ["0603550405", "1"]);
    const { leaf } = await batch(rawRequest(newKeys(), { subject }));
    expect(Buffer.from(leaf?.subjectDer ?? []).toString("hex")).toBe("3000");
  });

  it("CSR-D04: issues a leaf although the request asks for a CA", async () => {
    const { leaf } = await batch(rawRequest(newKeys(), { extensionSets: [caExtensions] }));
    expect(leaf?.isCa).toBe(false);
    expect(leaf?.keyUsage).toMatchObject({
      critical: true,
      digitalSignature: true,
      keyCertSign: false,
      crlSign: false,
    });
  });

  const rsa = (modulusLength: number, publicExponent = 65_537): Buffer =>
    spkiOf(generateKeyPairSync("rsa", { modulusLength, publicExponent }).publicKey);
  const rsaOf = (modulus: Buffer, exponent: Buffer): Buffer => {
    const key = seq(tlv(0x02, modulus), tlv(0x02, exponent));
    const algorithm = Buffer.from("300d06092a864886f70d0101010500", "hex");
    return seq(algorithm, tlv(0x03, Buffer.concat([Buffer.of(0), key])));
  };
  const odd = (bytes: number): Buffer => {
    const modulus = Buffer.alloc(bytes + 1, 0xa5);
    modulus[0] = 0;
    modulus[bytes] = 0x01;
    return modulus;
  };

  it.each<[string, () => Buffer]>([
    ["RSA of 1024 bits", () => rsa(1024)],
    ["RSA of 2047 bits", () => rsa(2047)],
    ["RSA with exponent 1", () => rsaOf(odd(256), Buffer.of(1))],
    ["RSA with an even exponent", () => rsaOf(odd(256), Buffer.of(0x01, 0x00, 0x00))],
    [
      "DSA of 2048 bits",
      () => spkiOf(generateKeyPairSync("dsa", { modulusLength: 2048, divisorLength: 256 }).publicKey),
    ],
    ["P-192", () => spkiOf(generateKeyPairSync("ec", { namedCurve: "prime192v1" }).publicKey)],
    ["secp256k1", () => spkiOf(generateKeyPairSync("ec", { namedCurve: "secp256k1" }).publicKey)],
    ["Ed448", () => spkiOf(generateKeyPairSync("ed448").publicKey)],
    ["Ed25519", () => spkiOf(generateKeyPairSync("ed25519").publicKey)],
  ])("CSR-D05: refuses %s, in a request and as a plain key", async (_, make) => {
    const spki = make();
    expect((await batch(rawRequest(newKeys(), { spki }))).status?.code).toBe(invalid);
    expect((await forKey(spki))?.code).toBe(invalid);
  });

  it.each([
    ["RSA of 16,384 bits", rsaOf(odd(2048), Buffer.of(1, 0, 1))],
    ["an RSA exponent of 65 bits", rsaOf(odd(256), Buffer.concat([Buffer.of(1), Buffer.alloc(7), Buffer.of(1)]))],
  ])("CSR-D06: refuses %s before any computation with it", async (_, spki) => {
    const csr = rawRequest(newKeys(), { spki });
    await batch(csr);
    const before = process.cpuUsage();
    expect((await batch(csr)).status?.code).toBe(invalid);
    expect((await forKey(spki))?.code).toBe(invalid);
    // Two whole calls, client included.
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 2 / 1000).toBeLessThan(20);
  });

  it("CSR-D07: survives nested, huge and lying encodings", async () => {
    let nested: Buffer = Buffer.alloc(0);
    for (let depth = 0; depth < 10_000; depth++) nested = tlv(0x30, nested);
    const lying = Buffer.concat([Buffer.from("30847fffffff", "hex"), Buffer.alloc(100)]);
    const memory = process.memoryUsage.rss();
    for (const bomb of [nested, Buffer.alloc(1024 * 1024, 0x30), lying]) {
      await batch(bomb);
      const started = process.cpuUsage();
      expect((await batch(bomb)).status?.code).toBe(invalid);
      const { user, system } = process.cpuUsage(started);
      // Of the whole process, the way of a megabyte included; a bomb that works takes seconds.
      expect((user + system) / 1000).toBeLessThan(250);
    }
    expect(process.memoryUsage.rss() - memory).toBeLessThan(40 * 1024 * 1024);
    expect((await batch(rawRequest(newKeys()))).status?.code).toBe(0);
  });

  it("CSR-D08: refuses what is not strict DER", async () => {
    const csr = rawRequest(newKeys());
    const body = csr.subarray(csr[1] === 0x82 ? 4 : 3);
    const indefinite = Buffer.concat([Buffer.from("3080", "hex"), body, Buffer.from("0000", "hex")]);
    const long = Buffer.concat([
      Buffer.from("308400", "hex"),
      Buffer.of(0, body.length >> 8, body.length & 0xff),
      body,
    ]);
    for (const bad of [Buffer.concat([csr, Buffer.of(0)]), indefinite, long]) {
      expect((await batch(bad)).status?.code).toBe(invalid);
    }
  });

  it.each([
    ["ten years", 315_360_000],
    ["zero", 0],
    ["less than zero", -1],
    ["the largest number", 2 ** 31 - 1],
  ])("CSR-D09: caps a lifetime of %s at the authority's", async (_, ttl) => {
    const csr = rawRequest(newKeys(), { extensionSets: [[uriSan(`spiffe://${trustDomain}/minted`)]] });
    const { svid } = await under.admin.unary(svidService.methods.MintX509SVID, { csr, ttl });
    const leaf = Certificate.parse(svid?.cert_chain[0] ?? new Uint8Array());
    const bundle = await under.admin.unary(bundleService.methods.GetBundle, {});
    const root = Certificate.parse(bundle.x509_authorities[0]?.asn1 ?? new Uint8Array());
    expect(leaf.notAfter.getTime()).toBeLessThanOrEqual(root.notAfter.getTime());
    expect(leaf.notAfter.getTime()).toBeGreaterThan(Date.now());
    expect(Number(svid?.expires_at)).toBe(leaf.notAfter.getTime() / 1000);
  });

  it("CSR-D10: refuses two sets of requested extensions", async () => {
    const extensionSets = [[uriSan(`spiffe://${trustDomain}/web`)], [uriSan(`spiffe://${trustDomain}/admin`)]];
    expect((await batch(rawRequest(newKeys(), { extensionSets }))).status?.code).toBe(invalid);
  });

  it("CSR-D11: refuses the key of an authority, own or foreign, with an alarm", async () => {
    const foreign = newKeys();
    const bundle = await under.admin.unary(bundleService.methods.GetBundle, {});
    await under.admin.unary(bundleService.methods.BatchSetFederatedBundle, {
      bundle: [
        { trust_domain: "other.test", jwt_authorities: [{ key_id: "k", public_key: spkiOf(foreign.publicKey) }] },
      ],
    });
    const own = Certificate.parse(bundle.x509_authorities[0]?.asn1 ?? new Uint8Array()).spki;
    const jwt = bundle.jwt_authorities[0]?.public_key ?? new Uint8Array();
    for (const spki of [own, jwt, spkiOf(foreign.publicKey)]) {
      createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
      const before = under.log.length;
      expect((await forKey(spki))?.code).toBe(invalid);
      expect((await batch(rawRequest(foreign, { spki }))).status?.code).toBe(invalid);
      const alarms = under.log.slice(before).filter(({ level }) => level === "error");
      expect(alarms).toHaveLength(2);
    }
  });
});
