// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import type { X509Request } from "../src/index.ts";
import { issueOne, newSpki, openTestService, readIntents, refusalOf, requestFor } from "./support/test-service.ts";

const base: Partial<X509Request> = { entryId: "e1", entryRevision: 3, requester: "spiffe://example.org/spire/agent/a" };

describe("a request that comes again", () => {
  it("gets the same certificate, also while the first is under way, and is recorded once", async () => {
    const { service, log } = await openTestService();
    const request = requestFor("a", base);
    const [first, second] = await Promise.all([issueOne(service, request), issueOne(service, { ...request })]);
    const third = await issueOne(service, { ...request });
    expect(second).toEqual(first);
    expect(third).toEqual(first);
    expect(await readIntents(log)).toHaveLength(1);
    expect(service.counters).toMatchObject({ x509Issued: 1, x509Repeated: 2 });
  });

  it("twice in one call gets one certificate", async () => {
    const { service, log } = await openTestService();
    const request = requestFor("a", base);
    const issued = await service.signer.issueX509([request, requestFor("b", base), request]);
    expect(issued[0]).toEqual(issued[2]);
    expect(issued[0]?.serialNumber).not.toBe(issued[1]?.serialNumber);
    expect(await readIntents(log)).toHaveLength(2);
  });

  it.each<[string, Partial<X509Request>]>([
    ["another key", { spki: newSpki() }],
    ["another revision of the entry", { entryRevision: 4 }],
    ["another entry", { entryId: "e2" }],
    ["another requester", { requester: "spiffe://example.org/spire/agent/b" }],
    ["another name", { dnsNames: ["a.example.org"] }],
    ["another lifetime", { ttlSeconds: 60 }],
    ["no entry", { entryId: undefined }],
  ])("is new with %s", async (_name, change) => {
    const { service } = await openTestService();
    const request = requestFor("a", base);
    const first = await issueOne(service, request);
    expect((await issueOne(service, { ...request, ...change })).serialNumber).not.toBe(first.serialNumber);
  });

  it("is new after a tenth of the certificate's life, at most 30 s", async () => {
    for (const [ttlSeconds, repeatedFor] of [
      [600, 29],
      [60, 5],
    ] as const) {
      const { service, clock } = await openTestService();
      const request = requestFor("a", { ...base, ttlSeconds });
      const first = await issueOne(service, request);
      clock.advance(repeatedFor);
      expect(await issueOne(service, request)).toEqual(first);
      clock.advance(1);
      expect(await issueOne(service, request)).not.toEqual(first);
    }
  });

  it("is new once another authority signs", async () => {
    const { service } = await openTestService();
    const request = requestFor("a", base);
    const first = await issueOne(service, request);
    await service.authorities.activate("x509", (await service.authorities.prepare("x509")).id);
    expect((await issueOne(service, request)).authorityId).not.toBe(first.authorityId);
  });

  it("is tried again after a failure", async () => {
    const { service, clock } = await openTestService();
    const request = requestFor("a", base);
    clock.step(7200);
    expect(await refusalOf(() => issueOne(service, request))).toBe("SIGNER_CLOCK_UNTRUSTED");
    clock.step(-7200);
    expect(await refusalOf(() => issueOne(service, request))).toBe("done");
  });
});
