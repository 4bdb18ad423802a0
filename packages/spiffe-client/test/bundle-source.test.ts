// SPDX-License-Identifier: Apache-2.0
import { BundleSet, TrustDomain, X509Bundle } from "@mayfly/spiffe";
import { Certificate } from "@mayfly/x509";
import { expectCode, FakeWorkloadApi, TestCa } from "@mayfly/testkit";
import { describe, expect, it } from "vitest";
import { BundleSource } from "../src/sources/bundle-source.ts";
import { TokenAuthority } from "./tokens.ts";

const own = TestCa.create();
const other = TestCa.create({ trustDomain: "other.test" });
const [ownDomain, otherDomain] = [TrustDomain.parse("example.org"), TrustDomain.parse("other.test")];
const { jwks } = new TokenAuthority();

describe("a BundleSource", () => {
  it("opens when both kinds of bundles are there, and follows each", async () => {
    await using api = await FakeWorkloadApi.start();
    api.pushX509Bundles([own, other], [own.revocationList([])]);
    let opened = false;
    const opening = BundleSource.open({ address: api.address }).finally(() => (opened = true));
    await expect.poll(() => api.streams.size).toBe(2);
    expect(opened).toBe(false);
    api.pushJwtBundles({ "example.org": jwks });
    await using source = await opening;
    expect([source.x509.size, source.jwt.size, source.revocations.size]).toEqual([2, 1, 1]);
    const updates = source.updates()[Symbol.asyncIterator]();
    await updates.next();
    const jwt = source.jwt;
    // WLAPI-07: what is missing is gone; the other kind is as it was.
    api.pushX509Bundles([own]);
    const { value } = await updates.next();
    expect(value?.x509.get(otherDomain)).toBeUndefined();
    expect(value?.jwt).toBe(jwt);
    expect([source.x509.size, source.revocations.size]).toEqual([1, 0]);
  });

  it("WLAPI-11: keeps X.509 and JWT bundles apart", async () => {
    await using api = await FakeWorkloadApi.start();
    api.pushX509Bundles([own]);
    api.pushJwtBundles({ "other.test": jwks });
    await using source = await BundleSource.open({ address: api.address });
    expect([source.x509.get(ownDomain), source.x509.get(otherDomain)]).toEqual([expect.any(X509Bundle), undefined]);
    expect([source.jwt.get(ownDomain), source.jwt.get(otherDomain)?.keys.size]).toEqual([undefined, 1]);
  });

  it("says how the worse of its two kinds gets along", async () => {
    await using api = await FakeWorkloadApi.start();
    api.pushX509Bundles([own]);
    api.pushJwtBundles({ "example.org": jwks });
    await using source = await BundleSource.open({ address: api.address });
    expect(source.health.state).toBe("connected");
    api.refuse();
    await expect.poll(() => source.health.state).toBe("withdrawn");
    expect([source.x509.size, source.jwt.size]).toEqual([0, 0]);
    api.pushX509Bundles([own]);
    await expect.poll(() => source.x509.size, { timeout: 5000 }).toBe(1);
    await source[Symbol.asyncDispose]();
    expect(source.health.state).toBe("closed");
    await expectCode(() => source.x509, "CLOSED");
    await expectCode(() => source.jwt, "CLOSED");
  });

  it("refuses an endpoint without one of the profiles, unless that is not asked for", async () => {
    await using api = await FakeWorkloadApi.start();
    api.pushX509Bundles([own]);
    api.onStream("FetchJWTBundles", (stream) => stream.emit("error", { code: 12, details: "no" }));
    await expectCode(BundleSource.open({ address: api.address }), "UNIMPLEMENTED");
    await expect.poll(() => api.streams.size).toBe(0);
    await using source = await BundleSource.open({ address: api.address, profiles: ["x509"] });
    expect([source.x509.size, source.jwt.size, source.health.state]).toEqual([1, 0, "connected"]);
    await expect(BundleSource.open({ address: api.address, profiles: [] })).rejects.toBeInstanceOf(TypeError);
  });

  it("gives up opening with the signal", async () => {
    await using api = await FakeWorkloadApi.start();
    const reason = new Error("stop");
    const abort = new AbortController();
    const opening = BundleSource.open({ address: api.address, signal: abort.signal });
    await expect.poll(() => api.streams.size).toBe(2);
    abort.abort(reason);
    await expect(opening).rejects.toBe(reason);
    await expect.poll(() => api.streams.size).toBe(0);
  });

  it("can be made of what is at hand", async () => {
    const x509 = BundleSet.of(new X509Bundle(ownDomain, [Certificate.parse(own.certificate)]));
    await using source = BundleSource.of({ x509 });
    expect([source.x509, source.jwt.size, source.health.state]).toEqual([x509, 0, "connected"]);
  });
});
