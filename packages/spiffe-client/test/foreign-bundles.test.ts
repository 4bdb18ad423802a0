// SPDX-License-Identifier: Apache-2.0
import { TrustDomain } from "@mayfly/spiffe";
import { FakeWorkloadApi } from "@mayfly/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { BundleSource, WorkloadApiClient, type WorkloadApiError, X509Source } from "../src/index.ts";
import { Authority } from "./authority.ts";

let own: Authority;
let other: Authority;
beforeAll(async () => {
  [own, other] = await Promise.all([Authority.create("example.org"), Authority.create("other.test")]);
});

/** What a foreign trust domain may make of its bundle, and what its name may be. */
const unreadable: readonly [string, string, Buffer][] = [
  ["bytes that are no certificate", "spiffe://other.test", Buffer.from("x")],
  ["a SEQUENCE that is none", "spiffe://other.test", Buffer.from("3003020101", "hex")],
  ["a name that is none", "http://other.test", Buffer.alloc(0)],
];

describe("a foreign bundle that can't be read", () => {
  it.each(unreadable)("does not hold up the own identity: %s", async (_what, name, bytes) => {
    await using api = await FakeWorkloadApi.start();
    const good = { "spiffe://other.test": Buffer.from(other.bundle.toDer()) };
    api.push({ svids: [own.issue("/1")], federated_bundles: good }, "FetchX509SVID");
    const errors: WorkloadApiError[] = [];
    await using source = await X509Source.open({
      address: api.address,
      onError: (error) => void errors.push(error),
    });
    expect(source.get(other.trustDomain)?.authorities).toHaveLength(1);
    api.push({ svids: [own.issue("/2")], federated_bundles: { [name]: bytes } }, "FetchX509SVID");
    await expect.poll(() => source.svid.id.path).toBe("/2");
    expect(source.get(own.trustDomain)?.equals(own.bundle)).toBe(true);
    // Nobody of that trust domain is trusted any more.
    expect(source.get(other.trustDomain)).toBeUndefined();
    expect(errors).toMatchObject([{ code: "BAD_RESPONSE", message: expect.stringContaining(JSON.stringify(name)) }]);
    expect(source.health).toMatchObject({ state: "connected", lastError: errors[0] });
  });

  it("is left out of what is fetched once", async () => {
    await using api = await FakeWorkloadApi.start();
    api.push({ svids: [own.issue("/1")], federated_bundles: { "spiffe://other.test": Buffer.of(1) } }, "FetchX509SVID");
    using client = WorkloadApiClient.open({ address: api.address });
    const { bundles, svids } = await client.fetchX509Context();
    expect([bundles.size, svids.length]).toEqual([1, 1]);
  });

  it("leaves other trust domains alone in a BundleSource, for X.509 and for JWT", async () => {
    await using api = await FakeWorkloadApi.start();
    const third = TrustDomain.parse("third.test");
    const der = Buffer.from(own.bundle.toDer());
    const keys = JSON.stringify({ keys: [] });
    api.pushX509Bundles({ "spiffe://example.org": der, "spiffe://third.test": Buffer.of(1) });
    api.pushJwtBundles({ "spiffe://example.org": keys, "spiffe://third.test": "{" });
    const errors: WorkloadApiError[] = [];
    await using source = await BundleSource.open({
      address: api.address,
      onError: (error) => void errors.push(error),
    });
    expect([source.x509.get(own.trustDomain)?.authorities.length, source.x509.get(third)]).toEqual([1, undefined]);
    expect([source.jwt.size, source.jwt.get(third)]).toEqual([1, undefined]);
    expect(errors.map(({ code }) => code)).toEqual(["BAD_RESPONSE", "BAD_RESPONSE"]);
    // Where none can be read, what was there before stays.
    api.pushX509Bundles({ "spiffe://example.org": Buffer.of(1) });
    await expect.poll(() => errors.length).toBe(4);
    expect(source.x509.get(own.trustDomain)?.authorities.length).toBe(1);
    expect(source.health.state).toBe("connected");
  });
});
