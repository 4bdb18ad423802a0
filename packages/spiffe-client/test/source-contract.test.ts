// SPDX-License-Identifier: Apache-2.0
import { BundleSet, TrustDomain, verifyPeer, X509Bundle, X509Svid } from "@mayfly/spiffe";
import { Certificate } from "@mayfly/x509";
import { expectCode, FakeWorkloadApi, TestCa } from "@mayfly/testkit";
import { describe, expect, it } from "vitest";
import { X509Source } from "../src/sources/x509-source.ts";
import type { X509Context } from "../src/workload-api/x509-context.ts";

const own = TestCa.create();
const other = TestCa.create({ trustDomain: "other.test" });
const [ownDomain, otherDomain] = [TrustDomain.parse("example.org"), TrustDomain.parse("other.test")];

function svidOf(ca: TestCa, path: string, notAfter?: Date): X509Svid {
  const { chain, privateKey } = ca.issue(path, notAfter && { notAfter });
  return X509Svid.of(
    chain.map((der) => Certificate.parse(der)),
    privateKey,
  );
}

function context(...svids: X509Svid[]): X509Context {
  const bundle = new X509Bundle(ownDomain, [Certificate.parse(own.certificate)]);
  return { svids, bundles: BundleSet.of(bundle), crls: [] };
}

describe("X509Source.of", () => {
  it("gives what it was made of, until it is disposed of", async () => {
    const svid = svidOf(own, "/a");
    const source = X509Source.of(context(svid));
    expect(source.svid).toBe(svid);
    expect(source.get(ownDomain)?.authorities).toHaveLength(1);
    expect(source.revocations.size).toBe(0);
    expect(source.health).toMatchObject({ state: "connected", expiresAt: svid.notAfter });
    const updates = source.updates()[Symbol.asyncIterator]();
    expect((await updates.next()).value).toBe(source.context);
    const next = updates.next();
    await source[Symbol.asyncDispose]();
    expect((await next).done).toBe(true);
    expect(source.health.state).toBe("closed");
    for (const read of [
      () => source.svid,
      () => source.context,
      () => source.bundles,
      () => source.revocations,
      () => source.get(ownDomain),
    ])
      await expectCode(read, "CLOSED");
  });

  it("gives an expired SVID out no longer", async () => {
    const end = new Date(Math.ceil(Date.now() / 1000) * 1000 + 1000);
    await using source = X509Source.of(context(svidOf(own, "/a", end)));
    expect(source.svid.notAfter).toEqual(end);
    await new Promise((resolve) => setTimeout(resolve, end.getTime() - Date.now() + 2));
    await expectCode(() => source.svid, "SVID_EXPIRED");
    expect(source.health.expiresAt).toEqual(end);
    expect(source.context.svids).toHaveLength(1);
  });

  it("WLAPI-53: shows the first identity, or the one that is selected", async () => {
    const svids = ["/a", "/b"].map((path) => svidOf(own, path));
    await using first = X509Source.of(context(...svids));
    expect(first.svid).toBe(svids[0]);
    await using second = X509Source.of(context(...svids), { select: (all) => all.find(({ id }) => id.path === "/b") });
    expect(second.svid).toBe(svids[1]);
    expect(second.health.expiresAt).toEqual(svids[1]?.notAfter);
  });

  it("WLAPI-54: a hint that no identity has is an error, and no reason for another one", async () => {
    await using source = X509Source.of(context(svidOf(own, "/a")), {
      select: (all) => all.find(({ hint }) => hint === "internal"),
    });
    await expectCode(() => source.svid, "NO_SVID");
  });
});

describe("an X509Source over the Workload API", () => {
  it("says how it gets along", async () => {
    await using api = await FakeWorkloadApi.start();
    const states: string[] = [];
    api.pushX509({ svids: [{ ca: own }] });
    await using source = await X509Source.open({ address: api.address });
    const look = (): string => states[states.push(source.health.state) - 1] ?? "";
    look();
    const { since } = source.health;
    api.stop();
    await expect.poll(look).toBe("reconnecting");
    expect(source.svid.id.path).toBe("/workload");
    expect(source.health).toMatchObject({ lastError: { code: "UNAVAILABLE" }, expiresAt: source.svid.notAfter });
    expect(source.health.since.getTime()).toBeGreaterThanOrEqual(since.getTime());
    await api.start();
    await expect.poll(look, { timeout: 5000 }).toBe("connected");
    api.refuse();
    await expect.poll(look).toBe("withdrawn");
    expect(source.health.expiresAt).toBeUndefined();
    api.pushX509({ svids: [{ ca: own, path: "/b" }] });
    await expect.poll(look, { timeout: 5000 }).toBe("connected");
    api.refuse(12);
    await expect.poll(look, { timeout: 5000 }).toBe("failed");
    await expectCode(() => source.svid, "UNIMPLEMENTED");
    const updates = source.updates()[Symbol.asyncIterator]();
    await updates.next();
    await expectCode(updates.next(), "UNIMPLEMENTED");
    expect([...new Set(states)]).toEqual(["connected", "reconnecting", "withdrawn", "failed"]);
  });

  it("WLAPI-22: a refusal ends the identity at once; a lost endpoint leaves it until its end", async () => {
    await using api = await FakeWorkloadApi.start();
    const notAfter = new Date(Math.ceil(Date.now() / 1000) * 1000 + 1000);
    api.pushX509({ svids: [{ ca: own, identity: own.issue("/a", { notAfter }) }] });
    await using source = await X509Source.open({ address: api.address });
    api.endStreams(14);
    api.stop();
    await expect.poll(() => source.health.state).toBe("reconnecting");
    expect(source.svid.id.path).toBe("/a");
    await new Promise((resolve) => setTimeout(resolve, notAfter.getTime() - Date.now() + 2));
    await expectCode(() => source.svid, "SVID_EXPIRED");
    await api.start();
    api.pushX509({ svids: [{ ca: own, path: "/b" }] });
    await expect.poll(() => source.context.svids[0]?.id.path, { timeout: 5000 }).toBe("/b");
    api.refuse();
    await expect.poll(() => source.context.svids.length).toBe(0);
    await expectCode(() => source.svid, "NO_SVID");
    expect(source.bundles.size).toBe(0);
  });

  it("WLAPI-06, WLAPI-07: what the next message lacks is not trusted any more", async () => {
    await using api = await FakeWorkloadApi.start();
    const crls = [own.revocationList([])];
    api.pushX509({ svids: [{ ca: own, hint: "a" }], federated: [other], crls });
    await using source = await X509Source.open({ address: api.address });
    expect([source.bundles.size, source.revocations.size, source.svid.hint]).toEqual([2, 1, "a"]);
    api.pushX509({ svids: [{ ca: own }] });
    await expect.poll(() => source.bundles.size).toBe(1);
    expect([source.revocations.size, source.svid.hint]).toEqual([0, ""]);
    expect(source.get(otherDomain)).toBeUndefined();
  });

  it("WLAPI-25: takes revocation lists, once for each change, and overlooks those that can't be read", async () => {
    await using api = await FakeWorkloadApi.start();
    const [bad, good] = [own.issue("/bad"), own.issue("/good")];
    const crls = [own.revocationList([bad]), Uint8Array.of(0x30, 0)];
    api.pushX509({ svids: [{ ca: own, path: "/1" }], crls });
    await using source = await X509Source.open({ address: api.address });
    const { revocations } = source;
    expect(source.health.lastError).toMatchObject({ code: "BAD_REVOCATION_LIST" });
    const verify = (chain: readonly Uint8Array[]): unknown =>
      verifyPeer(chain, source, { now: new Date(), revocations: source.revocations });
    await expectCode(() => verify(bad.chain), "REVOKED");
    verify(good.chain);
    expect(source.revocations).toBe(revocations);
    api.pushX509({ svids: [{ ca: own, path: "/2" }], crls });
    await expect.poll(() => source.svid.id.path).toBe("/2");
    expect(source.revocations).toBe(revocations);
    api.pushX509({ svids: [{ ca: own, path: "/3" }], crls: [own.revocationList([])] });
    await expect.poll(() => source.svid.id.path).toBe("/3");
    verify(bad.chain);
  });

  it("leaves a bundle that did not change the object that it was, and replaces one that did", async () => {
    await using api = await FakeWorkloadApi.start();
    api.pushX509({ svids: [{ ca: own, path: "/1" }], federated: [other] });
    await using source = await X509Source.open({ address: api.address });
    const { bundles } = source;
    api.pushX509({ svids: [{ ca: own, path: "/2" }], federated: [other] });
    await expect.poll(() => source.svid.id.path).toBe("/2");
    expect(source.bundles).toBe(bundles);
    api.pushX509({ svids: [{ ca: own, path: "/3", bundle: [own, TestCa.create()] }], federated: [other] });
    await expect.poll(() => source.svid.id.path).toBe("/3");
    expect(source.get(otherDomain)).toBe(bundles.get(otherDomain));
    expect(source.get(ownDomain)?.authorities).toHaveLength(2);
  });

  it("WLAPI-10: a peer is judged by the bundle of its own trust domain, or by none", async () => {
    await using api = await FakeWorkloadApi.start();
    api.pushX509({ svids: [{ ca: own }] });
    await using source = await X509Source.open({ address: api.address });
    const verify = (chain: readonly Uint8Array[]): unknown => verifyPeer(chain, source, { now: new Date() });
    verify(own.issue("/peer").chain);
    await expectCode(() => verify(other.issue("/peer").chain), "NO_BUNDLE");
    await expectCode(() => verify(TestCa.create().issue("/peer").chain), "UNTRUSTED");
  });

  it("ends a reader of updates with the signal's reason, also while it waits", async () => {
    await using api = await FakeWorkloadApi.start();
    api.pushX509({ svids: [{ ca: own }] });
    await using source = await X509Source.open({ address: api.address });
    const abort = new AbortController();
    const updates = source.updates({ signal: abort.signal })[Symbol.asyncIterator]();
    await updates.next();
    const next = updates.next();
    const reason = new Error("stop");
    abort.abort(reason);
    await expect(next).rejects.toBe(reason);
    expect(source.svid.id.path).toBe("/workload");
  });
});
