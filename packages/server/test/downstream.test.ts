// SPDX-License-Identifier: Apache-2.0
import { type KeyObject, sign } from "node:crypto";
import {
  bundleService,
  type EntryMessage,
  entryService,
  type JwtKeyMessage,
  localAuthorityService,
  svidService,
} from "@mayfly/rpc";
import { Certificate, createRequest, LeafWriter, randomSerialNumber, verifyPath } from "@mayfly/x509";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Identity, idOf, newKeys, refusal, ServerUnderTest, spkiOf, trustDomain } from "./server-under-test.ts";

const invalid = 3;
const denied = 7;
const full = 9;
const unreachable = 14;
const { NewDownstreamX509CA } = svidService.methods;
const { GetBundle, PublishJWTAuthority } = bundleService.methods;

describe("a downstream server", () => {
  let under: ServerUnderTest;
  let node: Identity;
  let nested: ReturnType<ServerUnderTest["as"]>;
  let entry: EntryMessage;

  beforeAll(async () => {
    under = await ServerUnderTest.start();
    node = await under.agent();
    entry = await under.entry({ spiffe_id: idOf("/nested"), parent_id: node.id, downstream: true });
    nested = under.as(await under.mint("/nested"));
  });

  afterAll(async () => {
    await under[Symbol.asyncDispose]();
  });

  const csr = (keys = newKeys()): Buffer => Buffer.from(createRequest({ keys }));

  async function authority(keys = newKeys()): Promise<{ chain: Certificate[]; roots: Certificate[] }> {
    const answer = await nested.unary(NewDownstreamX509CA, { csr: csr(keys), preferred_ttl: 60 });
    const parse = (list: readonly Buffer[]): Certificate[] => list.map((der) => Certificate.parse(der));
    return { chain: parse(answer.ca_cert_chain), roots: parse(answer.x509_authorities) };
  }

  /** What a downstream server makes of its authority. */
  async function identityBelow(uri: string): Promise<{ chain: Uint8Array[]; privateKey: KeyObject }> {
    const keys = newKeys();
    const { chain } = await authority(keys);
    const [certificate] = chain;
    if (certificate === undefined) throw new TypeError("a chain has an authority");
    const writer = new LeafWriter({ certificate, signatureAlgorithm: "ecdsa-with-SHA256" });
    const leafKeys = newKeys();
    const tbs = writer.tbs({
      serialNumber: randomSerialNumber(),
      spki: spkiOf(leafKeys.publicKey),
      uri,
      dnsNames: [],
      notBefore: new Date(Date.now() - 5000),
      notAfter: new Date(Date.now() + 50_000),
    });
    const leaf = writer.certificate(tbs, sign("sha256", tbs, keys.privateKey));
    return { chain: [leaf, ...chain.map(({ der }) => der)], privateKey: leafKeys.privateKey };
  }

  it("gets an authority that leads to the bundle, and a line in the log names it", async () => {
    const keys = newKeys();
    const { chain, roots } = await authority(keys);
    const [made] = chain;
    if (made === undefined) throw new TypeError("a chain has an authority");
    expect(verifyPath(made, [], roots, { now: new Date() })).toHaveLength(2);
    expect(Buffer.from(made.spki).equals(spkiOf(keys.publicKey))).toBe(true);
    expect([made.isCa, made.uris]).toEqual([true, [`spiffe://${trustDomain}`]]);
    expect(Math.abs(made.notAfter.getTime() - Date.now() - 60_000)).toBeLessThan(5000);
    const bundle = await under.admin.unary(GetBundle, {});
    expect(roots.map(({ der }) => Buffer.from(der))).toEqual(bundle.x509_authorities.map(({ asn1 }) => asn1));
    const requester = `spiffe://${trustDomain}/nested`;
    expect(under.log.find(({ event }) => event === "downstream_ca_issued")).toMatchObject({
      requester,
      entry_id: entry.id,
      serial_number: made.serialNumber.toString(),
    });
  });

  it("is nobody else: no agent, no operator, no workload, no anonymous caller", async () => {
    await under.entry({ spiffe_id: idOf("/operator"), parent_id: node.id, admin: true });
    const others = [
      under.admin,
      under.anonymous(),
      under.as(node),
      under.as(await under.mint("/operator")),
      under.as(await under.mint("/plain")),
    ];
    const codes = others.map(async (each) => (await refusal(each.unary(NewDownstreamX509CA, { csr: csr() }))).code);
    expect(await Promise.all(codes)).toEqual(others.map(() => denied));
  });

  it("gets nothing for a request that is empty, damaged or for an authority's key", async () => {
    const damaged = csr();
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
    for (const bad of [Buffer.alloc(0), Buffer.from("30820000", "hex"), damaged, Buffer.concat([csr(), damaged])]) {
      expect((await refusal(nested.unary(NewDownstreamX509CA, { csr: bad }))).code).toBe(invalid);
    }
    const keys = newKeys();
    const { jwt_authorities: published } = await nested.unary(PublishJWTAuthority, {
      jwt_authority: { key_id: "same", public_key: spkiOf(keys.publicKey) },
    });
    expect(published).toHaveLength(2);
    expect(await refusal(nested.unary(NewDownstreamX509CA, { csr: csr(keys) }))).toMatchObject({
      code: invalid,
      message: "malformed CSR: the key belongs to an authority",
    });
  });

  it("loses the right with its entry, on an open connection too; what it has lives on", async () => {
    const second = await under.entry({ spiffe_id: idOf("/second"), parent_id: node.id, downstream: true });
    const channel = under.as(await under.mint("/second"));
    const request = Buffer.from(createRequest({ keys: newKeys() }));
    await channel.unary(NewDownstreamX509CA, { csr: request });
    await under.admin.unary(entryService.methods.BatchDeleteEntry, { ids: [second.id] });
    expect((await refusal(channel.unary(NewDownstreamX509CA, { csr: request }))).code).toBe(denied);
    const key = { key_id: "late", public_key: spkiOf(newKeys().publicKey) };
    expect((await refusal(channel.unary(PublishJWTAuthority, { jwt_authority: key }))).code).toBe(denied);
  });

  describe("signs", () => {
    it("leaves that this server takes as members of the trust domain, operators too", async () => {
      const workload = under.as({ id: idOf("/w"), ...(await identityBelow(`spiffe://${trustDomain}/w`)) });
      expect((await workload.unary(GetBundle, {})).trust_domain).toBe(trustDomain);
      expect((await refusal(workload.unary(entryService.methods.CountEntries, {}))).code).toBe(denied);
      const operator = under.as({
        id: idOf("/operator"),
        ...(await identityBelow(`spiffe://${trustDomain}/operator`)),
      });
      expect((await operator.unary(entryService.methods.CountEntries, {})).count).toBeGreaterThan(0);
    });

    it("leaves of other trust domains that nobody takes", async () => {
      const foreign = under.as({ id: idOf("/w"), ...(await identityBelow("spiffe://other.test/w")) });
      expect((await refusal(foreign.unary(GetBundle, {}))).code).toBe(unreachable);
    });

    it("no agents: an agent's certificate is one that this server issued", async () => {
      const id = `spiffe://${trustDomain}${node.id.path}`;
      const agent = under.as({ id: node.id, ...(await identityBelow(id)) });
      expect(await refusal(agent.unary(entryService.methods.GetAuthorizedEntries, {}))).toMatchObject({
        code: denied,
        reason: "AGENT_NOT_ACTIVE",
      });
    });
  });

  describe("publishes JWT keys", () => {
    const publish = async (fields: Partial<JwtKeyMessage>): Promise<readonly JwtKeyMessage[]> => {
      const key = { key_id: "k", public_key: spkiOf(newKeys().publicKey), ...fields };
      return (await nested.unary(PublishJWTAuthority, { jwt_authority: key })).jwt_authorities;
    };
    const ids = (list: readonly JwtKeyMessage[]): string[] => list.map(({ key_id: id }) => id);
    const inSeconds = (seconds: number): string => String(Math.floor(Date.now() / 1000) + seconds);

    it("never under the ID of another key", async () => {
      const [own] = (await under.admin.unary(GetBundle, {})).jwt_authorities;
      expect(await refusal(publish({ key_id: own?.key_id ?? "" }))).toMatchObject({
        code: invalid,
        message: "invalid JWT authority: the key ID is another key's",
      });
      const key = spkiOf(newKeys().publicKey);
      const first = await publish({ key_id: "twice", public_key: key });
      expect(ids(await publish({ key_id: "twice", public_key: key }))).toEqual(ids(first));
    });

    it("that go a day after their end, when the next one comes", async () => {
      expect(ids(await publish({ key_id: "gone", expires_at: inSeconds(-86_500) }))).toContain("gone");
      expect(ids(await publish({ key_id: "ended", expires_at: inSeconds(-80_000) }))).not.toContain("gone");
      const kept = ids(await publish({ key_id: "next", expires_at: inSeconds(3600) }));
      expect(kept).toContain("ended");
      expect(kept).toContain("next");
    });

    it("that an operator can take out again", async () => {
      const { TaintJWTAuthority, RevokeJWTAuthority } = localAuthorityService.methods;
      const withdraw = { authority_id: "withdrawn" };
      await publish({ key_id: "withdrawn" });
      expect((await refusal(under.admin.unary(RevokeJWTAuthority, withdraw))).message).toContain("untainted key");
      const answer = await under.admin.unary(TaintJWTAuthority, withdraw);
      expect(answer.tainted_authority?.authority_id).toBe("withdrawn");
      const inBundle = async (): Promise<JwtKeyMessage | undefined> =>
        (await under.admin.unary(GetBundle, {})).jwt_authorities.find(({ key_id: id }) => id === "withdrawn");
      expect((await inBundle())?.tainted).toBe(true);
      await under.admin.unary(RevokeJWTAuthority, withdraw);
      expect(await inBundle()).toBeUndefined();
      const again = await refusal(under.admin.unary(TaintJWTAuthority, withdraw));
      expect(again).toMatchObject({ code: invalid, message: "unexpected authority ID" });
    });

    it("until the bundle is full", async () => {
      const held = (await under.admin.unary(GetBundle, {})).jwt_authorities.length;
      for (let count = held; count < 128; count++) await publish({ key_id: `k${String(count)}` });
      expect((await refusal(publish({ key_id: "one-more" }))).code).toBe(full);
    });
  });
});
